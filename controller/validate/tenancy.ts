// What a GitSync may touch. A rule only takes away: what it lets through, the rights of the service account still decide.
import type { GitSyncAllow } from '../../schemas/kinds/git-sync/git-sync-allow.ts';
import { describeId, type ObjectId, partsOf } from '../render/manifest.ts';
import type { Identified, Problem } from './validate.ts';

export interface TenancyRule {
  /** Where it stands, for messages: `spec.allow`, or the annotation of a namespace. */
  readonly name: string;
  readonly allow: GitSyncAllow;
}

/** Every rule has to let an object through. At most one problem an object: the first rule that refuses it. */
export function tenancyProblems(objects: readonly Identified[], rules: readonly TenancyRule[]): readonly Problem[] {
  return objects.flatMap(({ id, manifest }) => {
    const reason = rules.map((rule) => refusal(id, rule)).find((each) => each !== undefined);
    if (reason === undefined) return [];
    const message = `${describeId(id)}: ${reason}`;
    return [{ code: 'TenancyRefused' as const, message, object: id, position: manifest.position }];
  });
}

function refusal(id: ObjectId, { name, allow: { kinds, namespaces, clusterScoped } }: TenancyRule): string | undefined {
  const { group, kind, namespace } = partsOf(id);
  const full = `${group === '' ? 'core' : group}/${kind}`;
  if (kinds !== undefined && !kinds.some((pattern) => globMatches(pattern, pattern.includes('/') ? full : kind)))
    return `${name} does not allow the kind ${full}`;
  if (namespace === '') return clusterScoped ? undefined : `${name} does not allow objects without a namespace`;
  if (namespaces !== undefined && !namespaces.some((pattern) => globMatches(pattern, namespace)))
    return `${name} does not allow the namespace ${namespace}`;
  return undefined;
}

/** `*` for any text; in linear time, whatever the pattern. */
export function globMatches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  const last = rest.pop() ?? '';
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
