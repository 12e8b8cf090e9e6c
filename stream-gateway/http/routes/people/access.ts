// Why somebody may do something. Of oneself anybody may ask; of others who may read the audit.
import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient, Resource } from '../../../../runtime/kube/types.ts';
import { groupsOfResource } from '../../../../schemas/access-vocabulary.ts';
import {
  type AccessPathView,
  accessExplanation,
  accessGrants,
  accessGrantsQuery,
  accessQuery,
} from '../../../../schemas/api/access.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { AccessBinding } from '../../../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../../../schemas/kinds/access/access-role.ts';
import type { GitSync } from '../../../../schemas/kinds/git-sync/git-sync.ts';
import type { Session } from '../../../../schemas/kinds/sessions/session.ts';
import { type Team, teamNamespace } from '../../../../schemas/kinds/team.ts';
import { type AccessObjects, type AccessPath, explainAccess } from '../../../access/explain-access.ts';
import { grantsOf } from '../../../access/grants.ts';
import { nameOfObject, originOf } from '../../../access/origins.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { reviewSubjectOf } from '../../../auth/identity.ts';
import { findPerson, type Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';

export interface AccessPorts {
  /** With the gateway's own rights: the answer is about rights, not about the objects that give them. */
  readonly client: KubeClient;
  readonly db: Queryable;
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly now: () => Date;
}

export function accessRoutes({ client, db, decisions, now }: AccessPorts): readonly Route[] {
  const all = async <T extends { readonly kind: string }>(resource: Resource, signal: AbortSignal): Promise<readonly T[]> =>
    // Items of a list do not say what they are.
    (await client.list<T>(resource, { signal })).items.map((item) => ({ ...item, kind: resource.kind }));
  const objects = async (signal: AbortSignal): Promise<AccessObjects> => {
    const [teams, roles, bindings, sessions] = await Promise.all([
      all<Team>(RESOURCES.teams, signal),
      all<AccessRole>(RESOURCES.accessRoles, signal),
      all<AccessBinding>(RESOURCES.accessBindings, signal),
      all<Session>(RESOURCES.sessions, signal),
    ]);
    return { teams, roles, bindings, sessions, nowMs: now().getTime() };
  };
  return [
    route({
      method: 'get',
      path: '/access/grants',
      operationId: 'listAccessGrants',
      summary: 'Everything that a person was given, with the way of each rule: binding, role, commit.',
      tag: 'Access',
      query: accessGrantsQuery,
      responses: { 200: { name: 'AccessGrants', schema: accessGrants } },
      async handle({ person, query, signal }) {
        const who = await personAsked(person, query.user, { db, decisions });
        const paths = grantsOf(await objects(signal), { user: who.name, groups: who.groups });
        const syncs = paths.length === 0 ? [] : await all<GitSync>(RESOURCES.gitSyncs, signal);
        const shown = await Promise.all(paths.map((path) => present(db, path, syncs)));
        return { status: 200, body: { user: who.name, groups: who.groups, paths: shown } };
      },
    }),
    route({
      method: 'get',
      path: '/access/explain',
      operationId: 'explainAccess',
      summary: 'Whether a person may do something, and every way in which it was given: binding, role, rule, commit.',
      tag: 'Access',
      query: accessQuery,
      responses: { 200: { name: 'AccessExplanation', schema: accessExplanation } },
      async handle({ person, query, signal }) {
        const who = await personAsked(person, query.user, { db, decisions });
        const known = await objects(signal);
        const { verb, resource, session } = query;
        const namespace = query.team === undefined ? query.namespace : namespaceOf(query.team, known.teams);
        const place = { ...(namespace === undefined ? {} : { namespace }), ...(session === undefined ? {} : { session }) };
        const question = { user: who.name, groups: who.groups, verb, resource, ...place };
        const paths = explainAccess(known, question);
        const [group = '', ...rest] = groupsOfResource(resource);
        const [plural = resource, subresource] = resource.split('/');
        const review = await Promise.all(
          [group, ...rest].map((each) =>
            client.review(
              {
                ...{ group: each, resource: plural, verb },
                ...(subresource === undefined ? {} : { subresource }),
                ...(namespace === undefined ? {} : { namespace }),
                ...(session === undefined ? {} : { name: session }),
              },
              reviewSubjectOf(who),
              { signal },
            ),
          ),
        );
        const syncs = paths.length === 0 ? [] : await all<GitSync>(RESOURCES.gitSyncs, signal);
        return {
          status: 200,
          body: {
            ...{ user: who.name, groups: who.groups, verb, resource, namespace: namespace ?? null, session: session ?? null },
            allowed: review.some(({ allowed }) => allowed),
            paths: await Promise.all(paths.map((path) => present(db, path, syncs))),
          },
        };
      },
    }),
  ];
}

async function personAsked(
  person: Person,
  name: string | undefined,
  { db, decisions }: Pick<AccessPorts, 'db' | 'decisions'>,
): Promise<Person> {
  if (name === undefined || name === person.name) return person;
  if (!(await decisions.ask(person, { verb: 'list', resource: 'auditevents' })))
    throw new StreamSpaceError(
      'Forbidden',
      `${person.name} may not list auditevents in the whole cluster, and so asks about himself only`,
    );
  return (await findPerson(db, name)) ?? { name, displayName: name, groups: [] };
}

function namespaceOf(name: string, teams: readonly Team[]): string {
  const team = teams.find(({ metadata }) => metadata.name === name);
  if (team === undefined) throw new StreamSpaceError('NotFound', `there is no team "${name}"`);
  return teamNamespace(team);
}

async function present(db: Queryable, path: AccessPath, syncs: readonly GitSync[]): Promise<AccessPathView> {
  const { source, holder, role, inheritance, rule, scope, expiresAt = null, reason = null } = path;
  const origins = await Promise.all(path.objects.map((object) => originOf(db, object, syncs)));
  return {
    source: source === undefined ? 'Installation' : nameOfObject(source),
    subject: `${holder.kind.toLowerCase()} ${holder.name}`,
    role,
    inheritance: [...inheritance],
    rule: { resources: [...rule.resources], verbs: [...rule.verbs] },
    scope,
    expiresAt,
    reason,
    origins: origins.flat(),
  };
}
