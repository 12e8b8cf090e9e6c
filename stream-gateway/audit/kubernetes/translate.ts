// From an event of the API server's audit log to one of ours: changes of our kinds and of the objects that guard them, and ways into a
// container, past StreamSpace. Pure.
import { createHash } from 'node:crypto';
import type { StampedEvent } from '../../../runtime/audit/append-events.ts';
import type { AuditIds } from '../../../runtime/kube/audit-id.ts';
import type { ObjectChange } from '../../../schemas/events.ts';
import { KINDS } from '../../../schemas/kinds/all.ts';
import { API_GROUP, personOf, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { KubernetesEvent } from './event-list.ts';

export interface TranslatePorts {
  /** What one of our processes did has its own event. */
  readonly auditIds: Pick<AuditIds, 'isOurs'>;
  /** Whether a team lives there. */
  readonly isTeamNamespace: (namespace: string) => boolean;
  /** The object as it was before it became this version; undefined: not known. */
  readonly before: (object: { readonly plural: string; readonly key: string; readonly version: bigint | undefined }) => unknown;
}

const METHODS: Readonly<Record<string, string>> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/** The cluster's own upkeep: what it does follows from what somebody else did. Impersonated names do not count here. */
const UPKEEP = /^system:(apiserver$|kube-|node:|serviceaccount:kube-system:)/;

const OUR_KINDS: ReadonlyMap<string, string> = new Map(KINDS.map(({ plural, kind }) => [plural, kind]));
/** In namespaces of ours. */
const GUARDING: Readonly<Record<string, string>> = {
  '/secrets': 'Secret',
  'rbac.authorization.k8s.io/roles': 'Role',
  'rbac.authorization.k8s.io/rolebindings': 'RoleBinding',
  'networking.k8s.io/networkpolicies': 'NetworkPolicy',
};
/** By their names. */
const CLUSTER_WIDE: Readonly<Record<string, { readonly kind: string; readonly named: RegExp }>> = {
  'rbac.authorization.k8s.io/clusterroles': { kind: 'ClusterRole', named: /^streamspace[:-]/ },
  'rbac.authorization.k8s.io/clusterrolebindings': { kind: 'ClusterRoleBinding', named: /^streamspace[:-]/ },
  'apiextensions.k8s.io/customresourcedefinitions': { kind: 'CustomResourceDefinition', named: /\.streamspace\.io$/ },
};
const MAX_TEXT = 300;

/** @returns undefined: it is not about us, changed nothing, or has its own event already */
export function translate(event: KubernetesEvent, ports: TranslatePorts): StampedEvent | undefined {
  return changeTold(event, ports) ?? entryTold(event, ports);
}

function changeTold(event: KubernetesEvent, ports: TranslatePorts): StampedEvent | undefined {
  const { objectRef: ref, stage, verb, requestURI, user } = event;
  const method = METHODS[verb];
  if (ref === undefined || method === undefined || (stage !== 'ResponseComplete' && stage !== 'Panic')) return undefined;
  if (ref.subresource === 'status' || UPKEEP.test(user.username) || isDryRun(requestURI)) return undefined;
  // Whoever is refused before his object is read has said no name.
  const name = ref.name || nameOf(event.responseObject) || (verb === 'deletecollection' ? '*' : '?');
  const kind = kindOf(ref, name, ports);
  if (kind === undefined || isOurs(event, method, ports)) return undefined;
  const { code, message } = answerOf(event);
  const change = code < 400 ? changeOf(event, ref, name, ports) : undefined;
  return {
    ...told(event),
    type: 'object.changed',
    object: [kind, ...(ref.namespace === '' || kind === 'Namespace' ? [] : [ref.namespace]), name].join('/'),
    ...(change === undefined ? {} : { change }),
    details: {
      ...detailsOf(event),
      verb,
      // Of anything but a refusal the message may quote what was sent.
      ...(code === 403 && kind !== 'Secret' && message !== '' ? { message: short(message) } : {}),
      ...(change !== undefined && 'after' in change && change.before === undefined && verb !== 'create'
        ? { diffIncomplete: true }
        : {}),
    },
  };
}

/** Ways into a container: past the policies of the session, and past its recording. */
const ENTRIES: Readonly<Record<string, string>> = {
  exec: 'exec',
  attach: 'attach',
  portforward: 'port-forward',
  ephemeralcontainers: 'debug',
};

/** Told when it begins, or is refused. */
function entryTold(event: KubernetesEvent, ports: TranslatePorts): StampedEvent | undefined {
  const { objectRef: ref, stage, verb, requestURI, user } = event;
  const entry = ref?.resource === 'pods' && ref.apiGroup === '' ? ENTRIES[ref.subresource] : undefined;
  if (ref === undefined || entry === undefined || !ports.isTeamNamespace(ref.namespace)) return undefined;
  const { code } = answerOf(event);
  const lasts = entry !== 'debug' && code < 400;
  if (stage !== (lasts ? 'ResponseStarted' : 'ResponseComplete') || UPKEEP.test(user.username) || isDryRun(requestURI))
    return undefined;
  // A WebSocket is asked for with GET.
  const method = verb === 'get' ? 'GET' : METHODS[verb];
  if (method === undefined || isOurs(event, method, ports)) return undefined;
  const query = new URLSearchParams(requestURI.split('?', 2)[1] ?? '');
  const [container, command] = [query.get('container') ?? '', query.getAll('command').join(' ')];
  return {
    ...told(event),
    type: 'pod.entered',
    object: `Pod/${ref.namespace}/${ref.name}`,
    details: {
      ...detailsOf(event),
      verb: entry,
      ...(container === '' ? {} : { container: short(container) }),
      ...(command === '' ? {} : { command: short(command) }),
    },
  };
}

function isOurs({ auditID, requestURI }: KubernetesEvent, method: string, { auditIds }: TranslatePorts): boolean {
  return auditIds.isOurs(auditID, { method, path: requestURI.split('?', 1)[0] ?? '' });
}

function answerOf({ responseStatus }: KubernetesEvent) {
  return { code: 0, reason: '', message: '', ...responseStatus };
}

/** Of every event: when, who, from where, how it ended. */
function told(event: KubernetesEvent): Omit<StampedEvent, 'type'> {
  const { auditID, sourceIPs, stageTimestamp, user } = event;
  const { code } = answerOf(event);
  const address = sourceIPs.at(-1);
  return {
    id: idOf(event),
    at: new Date(stageTimestamp).toISOString(),
    actor: personOf(user.username) || null,
    result: code === 401 || code === 403 ? 'refused' : code >= 400 ? 'failure' : 'success',
    // The last one is the connection; those before came in a header that anybody can write.
    ...(address === undefined ? {} : { sourceAddress: address }),
    ...(/^[A-Za-z0-9._-]{8,128}$/.test(auditID) ? { requestId: auditID } : {}),
  };
}

function detailsOf(event: KubernetesEvent): NonNullable<StampedEvent['details']> {
  const { auditID, impersonatedUser: as, objectRef, sourceIPs, userAgent } = event;
  const { code, reason } = answerOf(event);
  const subresource = objectRef?.subresource ?? '';
  return {
    origin: 'kubernetes',
    auditId: short(auditID),
    userAgent: short(userAgent),
    code,
    ...(as === undefined ? {} : { onBehalfOf: personOf(as.username) }),
    ...(subresource === '' ? {} : { subresource }),
    ...(reason === '' ? {} : { reason }),
    ...(sourceIPs.length < 2 ? {} : { forwardedFor: short(sourceIPs.slice(0, -1).join(', ')) }),
  };
}

type ObjectRef = NonNullable<KubernetesEvent['objectRef']>;

function kindOf(ref: ObjectRef, name: string, { isTeamNamespace }: TranslatePorts): string | undefined {
  const { apiGroup, resource, namespace } = ref;
  if (apiGroup === API_GROUP) return OUR_KINDS.get(resource);
  const isGuarded = (each: string): boolean => each === SYSTEM_NAMESPACE || isTeamNamespace(each);
  if (apiGroup === '' && resource === 'namespaces') return isGuarded(name) ? 'Namespace' : undefined;
  const wide = CLUSTER_WIDE[`${apiGroup}/${resource}`];
  if (wide !== undefined) return wide.named.test(name) ? wide.kind : undefined;
  return isGuarded(namespace) ? GUARDING[`${apiGroup}/${resource}`] : undefined;
}

/** Only of our kinds: of a Secret nothing is looked at. */
function changeOf(event: KubernetesEvent, ref: ObjectRef, name: string, ports: TranslatePorts): ObjectChange | undefined {
  if (ref.apiGroup !== API_GROUP || name === '*' || name === '?') return undefined;
  const object = isObject(event.responseObject) ? event.responseObject : undefined;
  const metadata = object !== undefined && isObject(object['metadata']) ? object['metadata'] : {};
  const version = typeof metadata['resourceVersion'] === 'string' ? versionOf(metadata['resourceVersion']) : undefined;
  const whole = object !== undefined && object['kind'] === OUR_KINDS.get(ref.resource);
  const key = ref.namespace === '' ? name : `${ref.namespace}/${name}`;
  const before = event.verb === 'create' ? undefined : ports.before({ plural: ref.resource, key, version });
  if (event.verb === 'delete') return before === undefined ? undefined : { before };
  if (!whole) return undefined;
  return { ...(before === undefined ? {} : { before }), after: object };
}

/** Resource versions are ordered numbers (Kubernetes 1.35, KEP-5504). */
export function versionOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

/**
 * The same for an event that is told again, another one for any other. The audit id alone would not do: a client may choose it
 * and use it twice.
 */
function idOf(event: KubernetesEvent): string {
  const { auditID, stage, stageTimestamp, requestReceivedTimestamp, verb, requestURI, user, impersonatedUser } = event;
  const facts = [auditID, stage, stageTimestamp, requestReceivedTimestamp, verb, requestURI, user.username, impersonatedUser];
  const bytes = createHash('sha256').update(JSON.stringify(facts)).digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6); // RFC 9562, version 8
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

function isDryRun(requestUri: string): boolean {
  return new URLSearchParams(requestUri.split('?', 2)[1] ?? '').has('dryRun');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of an object that the API server named. */
function nameOf(object: unknown): string {
  const metadata = isObject(object) ? object['metadata'] : undefined;
  return isObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
}

const short = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`);
