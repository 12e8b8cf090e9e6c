// Whether a policy applies to a session. Where that cannot be told, it does.
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../schemas/kinds/template.ts';
import { SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { celValue } from '../cel/bounded-cel.ts';
import type { JsonValue } from '../render/yaml/json.ts';
import type { TargetedPolicy } from './merging.ts';
import type { TargetExpressions } from './target-expressions.ts';

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** A session, and what policies may choose it by. */
export interface Scene {
  readonly session: Session;
  /** `undefined` while its namespace belongs to no team. */
  readonly team: string | undefined;
  /** The template of now and the one it was started with; where there is none, the places where one was looked for. */
  readonly templateNames: readonly Place[];
  /** As far as they are there. */
  readonly templates: readonly Template[];
}

/** The system namespace is above the teams; what a team writes stays with it. */
export function reaches(policyNamespace: string | undefined, sessionNamespace: string | undefined): boolean {
  return policyNamespace === SYSTEM_NAMESPACE || policyNamespace === sessionNamespace;
}

export function appliesTo(policy: TargetedPolicy, scene: Scene, expressions: TargetExpressions): boolean {
  const { teams, templates, cel } = policy.spec.targets ?? {};
  if (!reaches(policy.metadata.namespace, scene.session.metadata.namespace)) return false;
  if (teams !== undefined && scene.team !== undefined && !teams.includes(scene.team)) return false;
  if (templates !== undefined && !templates.some((wanted) => scene.templateNames.some((place) => names(wanted, place))))
    return false;
  return cel === undefined || holds(cel, scene, expressions);
}

function names(wanted: string, { namespace, name }: Place): boolean {
  return wanted === name || wanted === `${namespace}/${name}`;
}

function holds(cel: string, { session, team, templates }: Scene, expressions: TargetExpressions): boolean {
  if (team === undefined) return true;
  const found: readonly (Template | undefined)[] = templates.length === 0 ? [undefined] : templates;
  return found.some((template) =>
    expressions.holds(cel, { session: seen(session), team, template: template === undefined ? null : seen(template) }),
  );
}

/** Not the status: what applies does not depend on how far a session is, or on what applied before. */
function seen({ apiVersion, kind, metadata: { name, namespace = '', labels = {} }, spec }: Session | Template): unknown {
  const plain: JsonValue = JSON.parse(JSON.stringify({ apiVersion, kind, metadata: { name, namespace, labels }, spec }));
  return celValue(plain);
}
