// Whether an object stands in nobody's Git and belongs to nothing else either. Pure.
import type { KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { OrphansSpec } from '../../../schemas/kinds/git-sync/orphans.ts';
import { ANNOTATIONS, API_GROUP, LABELS } from '../../../schemas/names.ts';

/** Kubernetes keeps these itself, in every namespace, without an owner reference. */
const KEPT_BY_KUBERNETES = new Set([
  '/Endpoints',
  '/Event',
  'events.k8s.io/Event',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
]);
const MADE_IN_EVERY_NAMESPACE = new Set(['/ServiceAccount/default', '/ConfigMap/kube-root-ca.crt']);
/** What people make at run time; Git has none of it. */
const RUNTIME_KINDS = new Set([
  'Session',
  'SessionShare',
  'SessionSnapshot',
  'ChangeRequest',
  'ApprovalRequest',
  'WorkflowRun',
  'Backup',
  'Restore',
  'TemplateRelease',
]);

export interface OrphanRules {
  readonly ignore: OrphansSpec['ignore'];
  /** `namespace/name` of every GitSync that exists. */
  readonly gitSyncs: ReadonlySet<string>;
  /** Whose report it is, and as whom it acts: the root of what is in Git is not in Git itself. */
  readonly self: { readonly namespace: string; readonly name: string; readonly serviceAccountName: string };
}

/** Kinds that need not be listed at all. */
export function mayHoldOrphans({ group, kind }: Pick<Resource, 'group' | 'kind'>): boolean {
  return !KEPT_BY_KUBERNETES.has(`${group}/${kind}`) && !(group === API_GROUP && RUNTIME_KINDS.has(kind));
}

export function isOrphan(
  { group, kind }: Pick<Resource, 'group' | 'kind'>,
  { metadata }: KubeObjectJson,
  { ignore, gitSyncs, self }: OrphanRules,
): boolean {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  if (!mayHoldOrphans({ group, kind })) return false;
  if ((metadata.ownerReferences ?? []).length > 0 || metadata.deletionTimestamp !== undefined) return false;
  if (gitSyncs.has(annotations[ANNOTATIONS.gitSync] ?? '')) return false;
  // What the reconcilers of Team and Session make, and what comes of it.
  if (labels[LABELS.team] !== undefined || labels[LABELS.session] !== undefined || labels[LABELS.component] !== undefined)
    return false;
  if (MADE_IN_EVERY_NAMESPACE.has(`${group}/${kind}/${name}`)) return false;
  if (annotations['kubernetes.io/service-account.name'] !== undefined) return false; // a token of a service account
  const here = namespace === self.namespace;
  if (here && group === '' && kind === 'ServiceAccount' && name === self.serviceAccountName) return false;
  if (here && group === API_GROUP && kind === 'GitSync' && name === self.name) return false;
  return !ignore.some((entry) => fits(entry.group, group) && fits(entry.kind, kind) && fits(entry.name, name));
}

/** `*` stands for any text. Without backtracking: the parts between the stars are looked for in turn. */
export function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
