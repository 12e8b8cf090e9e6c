// What may be asked for where: in the namespace of a team what is the team's own, in the system namespace everything. Pure.
import { EDITABLE_KINDS } from '../../schemas/api/changes.ts';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import { API_GROUP, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { describeId, type ObjectId, partsOf } from '../render/manifest.ts';
import { at, type JsonObject, textAt } from '../render/yaml/json.ts';

/**
 * Kinds that the admins of a team may write in its namespace anyway (schemas/rights.ts), for what the GitSync writes it writes with more
 * rights than they have. Of a binding admission sees to it, for every writer, that it gives no more than an admin of the team has
 * (docs/adr/0058-roles-by-change-request.md). Nothing that runs code or belongs to others comes in through a review inside of a team.
 */
const KINDS_OF_TEAM: ReadonlySet<string> = new Set(EDITABLE_KINDS);

export interface ScopedObject {
  readonly id: ObjectId;
  /** As it was and as it will be; one of them may be missing. */
  readonly values: readonly JsonObject[];
  /** That it comes from, before and after. */
  readonly files: readonly string[];
}

/**
 * Objects are what is judged, so in a team each file has to be one that a changed object comes from: of what is not rendered, or is in a
 * unit that is broken, nobody could say whose it is.
 * @param files all that change @param objects all that change
 * @throws ChangeOutOfScope
 */
export function requireInScope(namespace: string, files: Iterable<string>, objects: readonly ScopedObject[]): void {
  if (namespace === SYSTEM_NAMESPACE) return;
  for (const object of objects) {
    if (isOfTeam(object, namespace)) continue;
    refuse('ChangeOutOfScope', `${describeId(object.id)} is not ${namespace}'s to change`);
  }
  const judged = new Set(objects.flatMap((object) => object.files));
  for (const file of files)
    if (!judged.has(file))
      refuse('ChangeOutOfScope', `${file} is not ${namespace}'s to change: no object of it comes from there`);
}

function isOfTeam({ id, values }: ScopedObject, namespace: string): boolean {
  const parts = partsOf(id);
  if (parts.group !== API_GROUP) return false;
  if (parts.kind === 'Team')
    return values.every((value) => (textAt(at(value, 'spec'), 'namespace') ?? `team-${parts.name}`) === namespace);
  if (parts.namespace !== namespace || !KINDS_OF_TEAM.has(parts.kind)) return false;
  return parts.kind !== 'AccessBinding' || values.every((value) => staysInTeam(value, namespace));
}

/** Which team the namespace is of, admission knows; here it is said early, and in the words of a change request. */
function staysInTeam(binding: JsonObject, namespace: string): boolean {
  const scope = at(binding, 'spec', 'scope');
  const session = at(scope, 'session');
  return at(scope, 'platform') === undefined && (session === undefined || textAt(session, 'namespace') === namespace);
}

/** @throws ChangeOutOfScope */
export function requireReachable(namespace: string, target: { readonly namespace: string; readonly name: string }): void {
  if (target.namespace === namespace || target.namespace === SYSTEM_NAMESPACE || namespace === SYSTEM_NAMESPACE) return;
  refuse('ChangeOutOfScope', `the GitSync ${target.namespace}/${target.name} is none of ${namespace} or ${SYSTEM_NAMESPACE}`);
}

function refuse(code: ErrorCode, message: string): never {
  throw new StreamSpaceError(code, message);
}
