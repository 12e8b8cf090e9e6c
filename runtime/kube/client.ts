// Our Kubernetes client: the requests of types.ts on one pooled transport. Bodies go out as they came in.
import type { Logger } from '../log/log.ts';
import type { AuditIds } from './audit-id.ts';
import { isStatus } from './kube-status-error.ts';
import { type KubeconfigOptions, readKubeconfig } from './kubeconfig.ts';
import { listAll } from './list.ts';
import { pathOf } from './paths.ts';
import { type SendTerms, Transport } from './transport.ts';
import type {
  AccessReview,
  ApplyOptions,
  DeleteOptions,
  Impersonation,
  KubeClient,
  KubeObjectJson,
  KubeRequest,
  ListOptions,
  Resource,
} from './types.ts';

export interface KubeClientOptions extends KubeconfigOptions {
  /** Path of a kubeconfig, or `in-cluster`. Read at once; a mistake in it rejects the first request. */
  readonly kubeconfig: string;
  /** Default `streamspace`. The API server's audit log has it with each request. */
  readonly userAgent?: string;
  /** Marks what changes something as ours. Default: no marks. */
  readonly auditIds?: AuditIds | undefined;
  /** Told of each request at debug level, without bodies. */
  readonly log?: Logger;
}

/** A client that owns its connections. Dispose it once its watches have been aborted. */
export type OwnedKubeClient = KubeClient & AsyncDisposable;

export function createKubeClient(options: KubeClientOptions): OwnedKubeClient {
  const transport = new Transport(
    readKubeconfig(options.kubeconfig, options),
    options.userAgent ?? 'streamspace',
    options.auditIds,
  );
  return new PooledKubeClient(transport, options.log, {});
}

const dryRunOf = (dryRun: boolean | undefined): 'All' | undefined => (dryRun === true ? 'All' : undefined);

interface WriteOptions {
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

class PooledKubeClient implements OwnedKubeClient {
  readonly #transport: Transport;
  readonly #log: Logger | undefined;
  readonly #terms: SendTerms;

  constructor(transport: Transport, log: Logger | undefined, terms: SendTerms) {
    this.#transport = transport;
    this.#log = log;
    this.#terms = terms;
  }

  as(who: Impersonation): KubeClient {
    if (who.user.trim() === '') throw new RangeError('an empty user cannot be impersonated');
    return new PooledKubeClient(this.#transport, this.#log, { ...this.#terms, who });
  }

  guarded(guard: () => void): KubeClient {
    return new PooledKubeClient(this.#transport, this.#log, { ...this.#terms, guard });
  }

  async json<T = unknown>(request: KubeRequest): Promise<T> {
    return JSON.parse(await this.text(request)) as T;
  }

  async text(request: KubeRequest): Promise<string> {
    this.#log?.debug({ method: request.method, path: request.path }, 'kubernetes request');
    return await this.#transport.text(request, this.#terms);
  }

  lines(request: KubeRequest): AsyncIterable<string> {
    this.#log?.debug({ method: request.method, path: request.path }, 'kubernetes stream');
    return this.#transport.lines(request, this.#terms);
  }

  async get<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return await this.json<T>({ method: 'GET', path: pathOf(resource, { namespace, name }), ...options });
  }

  async find<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(resource, namespace, name, options);
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async list<T = KubeObjectJson>(
    resource: Resource,
    options: ListOptions = {},
  ): Promise<{ readonly resourceVersion: string; readonly items: readonly T[] }> {
    return await listAll<T>(this, resource, options);
  }

  async create<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    body: string,
    options: WriteOptions = {},
  ): Promise<T> {
    return await this.#write<T>('POST', pathOf(resource, { namespace }), body, options);
  }

  async replace<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    body: string,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = pathOf(resource, { namespace, name, subresource: options.subresource });
    return await this.#write<T>('PUT', path, body, options);
  }

  async apply<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    body: string,
    options: ApplyOptions & { readonly subresource?: string },
  ): Promise<T> {
    return await this.json<T>({
      method: 'PATCH',
      path: pathOf(resource, { namespace, name, subresource: options.subresource }),
      query: {
        fieldManager: options.fieldManager,
        force: options.force,
        fieldValidation: options.fieldValidation ?? 'Strict',
        dryRun: dryRunOf(options.dryRun),
      },
      body,
      contentType: 'application/apply-patch+yaml',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }

  async mergePatch<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = pathOf(resource, { namespace, name, subresource: options.subresource });
    return await this.#write<T>('PATCH', path, JSON.stringify(patch), options, 'application/merge-patch+json');
  }

  async jsonPatch<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: readonly unknown[],
    options: WriteOptions = {},
  ): Promise<T> {
    const path = pathOf(resource, { namespace, name, subresource: options.subresource });
    return await this.#write<T>('PATCH', path, JSON.stringify(patch), options, 'application/json-patch+json');
  }

  async delete(resource: Resource, namespace: string | undefined, name: string, options: DeleteOptions = {}): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
      propagationPolicy: options.propagation ?? 'Background',
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    };
    try {
      await this.text({
        method: 'DELETE',
        path: pathOf(resource, { namespace, name }),
        body: JSON.stringify(body),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  async review(
    review: AccessReview,
    who?: Impersonation,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly allowed: boolean; readonly reason: string }> {
    const kind = who === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
    if (who !== undefined && who.user.trim() === '') throw new RangeError('a review needs a user');
    const subject = who === undefined ? {} : { user: who.user, groups: who.groups ?? [] };
    const answer = await this.json<{ status?: { allowed?: boolean; denied?: boolean; reason?: string } }>({
      method: 'POST',
      path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
      body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind, spec: { ...subject, resourceAttributes: review } }),
      ...options,
    });
    const allowed = answer.status?.allowed === true && answer.status.denied !== true;
    return { allowed, reason: answer.status?.reason ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport.close();
  }

  async #write<T>(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body: string,
    options: WriteOptions,
    contentType = 'application/json',
  ): Promise<T> {
    return await this.json<T>({
      method,
      path,
      query: { fieldManager: options.fieldManager, fieldValidation: 'Strict', dryRun: dryRunOf(options.dryRun) },
      body,
      contentType,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }
}
