// "What may this person do?": every rule that somebody was given, by the place where it holds. Explains and never decides. Pure.
import { teamNamespace } from '../../schemas/kinds/team.ts';
import { SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { type AccessObjects, type AccessPath, explainAccess } from './explain-access.ts';

/** Sessions that are looked into: what somebody owns is alike for each. */
const MAX_SESSIONS = 50;

export function grantsOf(
  objects: AccessObjects,
  who: { readonly user: string; readonly groups: readonly string[] },
): readonly AccessPath[] {
  const namespaces = [SYSTEM_NAMESPACE, ...objects.teams.map(teamNamespace)];
  const inPlace = (scope: string, place: { readonly namespace?: string; readonly session?: string }): readonly AccessPath[] =>
    explainAccess(objects, { ...who, ...place }).filter((path) => path.scope === scope);
  const bound = new Set(
    objects.bindings.flatMap(({ spec: { scope } }) =>
      scope.session === undefined ? [] : [`${scope.session.namespace}/${scope.session.name}`],
    ),
  );
  const sessions = objects.sessions
    .map(({ metadata: { namespace = '', name }, spec }) => ({ namespace, session: name, own: spec.owner === who.user }))
    .filter(({ namespace, session, own }) => own || bound.has(`${namespace}/${session}`))
    .slice(0, MAX_SESSIONS);
  return [
    ...inPlace('platform', {}),
    ...namespaces.flatMap((namespace) => inPlace(`namespace ${namespace}`, { namespace })),
    ...sessions.flatMap(({ namespace, session }) => inPlace(`session ${namespace}/${session}`, { namespace, session })),
  ];
}
