// The contract of our Kubernetes client: thin, pooled, raw JSON in and out. Nothing here knows a kind.

/** Where objects of one resource live: `/api/v1/...` for the core group, else `/apis/<group>/<version>/...`. */
export interface Resource {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Who a request is made as. An empty user is an error, never a fallback to our own rights. */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[];
}

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path, each segment already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** JSON text, sent exactly as it is. */
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Default 30 s; covers headers and body. */
  readonly timeoutMs?: number;
}

export interface KubeObjectJson {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
      readonly controller?: boolean;
    }[];
    readonly managedFields?: readonly unknown[];
  };
  readonly [field: string]: unknown;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
  /** Ask for PartialObjectMetadata. It comes without managed fields. */
  readonly metadataOnly?: boolean;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** `Strict` makes unknown fields an error. Default `Strict`. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export interface DeleteOptions {
  /** Precondition: the API server answers 409 if the object is another one. */
  readonly uid?: string;
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Errors of every method: `KubeStatusError` (the API server answered with a Status) or
 * `StreamSpaceError('ClusterUnreachable')` (no answer at all). Aborting rejects with the signal's reason.
 */
export interface KubeClient {
  /** The same connections, another identity. @throws RangeError for an empty user */
  as(who: Impersonation): KubeClient;
  /** The same, but `check` is asked right before each request that is no read; what it throws stops the request. */
  guarded(check: () => void): KubeClient;
  /** Parsed JSON of a 2xx answer. */
  json<T = unknown>(request: KubeRequest): Promise<T>;
  /** The body as text, for `/readyz`, logs and the like. */
  text(request: KubeRequest): Promise<string>;
  /** Lines of a streaming answer (watch, follow). No timeout but the signal's and the server's. */
  lines(request: KubeRequest): AsyncIterable<string>;

  get<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
  /** `undefined` for 404. */
  find<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T | undefined>;
  /** The whole list, page by page (500). */
  list<T = KubeObjectJson>(
    resource: Resource,
    options?: ListOptions,
  ): Promise<{ readonly resourceVersion: string; readonly items: readonly T[] }>;
  create<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    body: string,
    options?: { readonly dryRun?: boolean; readonly fieldManager?: string; readonly signal?: AbortSignal },
  ): Promise<T>;
  replace<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    body: string,
    options?: { readonly subresource?: string; readonly fieldManager?: string; readonly signal?: AbortSignal },
  ): Promise<T>;
  /** Server-side apply. `body` goes over the wire as it is. */
  apply<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    body: string,
    options: ApplyOptions & { readonly subresource?: string },
  ): Promise<T>;
  mergePatch<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options?: {
      readonly subresource?: string;
      readonly fieldManager?: string;
      readonly dryRun?: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<T>;
  jsonPatch<T = KubeObjectJson>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: readonly unknown[],
    options?: { readonly subresource?: string; readonly fieldManager?: string; readonly signal?: AbortSignal },
  ): Promise<T>;
  /** 404 counts as done. */
  delete(resource: Resource, namespace: string | undefined, name: string, options?: DeleteOptions): Promise<void>;

  /** SubjectAccessReview for somebody else; SelfSubjectAccessReview when `who` is left out. */
  review(
    review: AccessReview,
    who?: Impersonation,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly allowed: boolean; readonly reason: string }>;
}

export interface AccessReview {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Knows what the API server serves; discovery is cached and read again when a kind is missing or a CRD changed. */
export interface ResourceMapper {
  /** `undefined`: the API server does not serve this kind in this version. */
  resourceOf(
    apiVersion: string,
    kind: string,
    options?: { readonly fresh?: boolean; readonly signal?: AbortSignal },
  ): Promise<Resource | undefined>;
}

/** A reflector's news. `synced` comes once after the first whole list, and again after each re-list. */
export type ReflectorEvent<T> =
  | { readonly type: 'added' | 'changed' | 'deleted'; readonly object: T }
  | { readonly type: 'synced'; readonly resourceVersion: string };

export interface ReflectorOptions<T> {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
  /**
   * What the store keeps of an object, where the whole is too much: metadata with name, namespace, uid and resourceVersion at
   * the least. An event has the object as it came, but for a deletion that a list revealed: that has what was kept.
   */
  readonly keep?: (object: T) => T;
  /** Called in order; must not throw. */
  readonly onEvent: (event: ReflectorEvent<T>) => void;
  /** Told of each failed list or watch; the reflector goes on by itself with backoff and jitter. */
  readonly onError?: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * List (paged) then watch with bookmarks; 410, an error frame, HTTP 500 or silence beyond the watch timeout lead to a new
 * list, and deletions are derived by comparison. Never stops but by its signal.
 */
export interface Reflector<T> {
  /** Keyed `namespace/name` (or `name`). */
  readonly store: ReadonlyMap<string, T>;
  readonly synced: Promise<void>;
  /** The cursor of the last event or bookmark. */
  readonly resourceVersion: string | undefined;
  /** Milliseconds since the last event, bookmark or list. */
  ageMs(): number;
  /** Resolves when the reflector has ended after its signal. */
  readonly ended: Promise<void>;
}
