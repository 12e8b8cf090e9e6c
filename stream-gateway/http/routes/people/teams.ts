// Teams: for those who are in, and for whoever may read all of them. What a person reads of bindings and policies he reads as himself.
import type { Queryable } from '../../../../runtime/db/database.ts';
import { isStatus } from '../../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient, Resource } from '../../../../runtime/kube/types.ts';
import type { AccessOrigin } from '../../../../schemas/api/access.ts';
import { type TeamDetail, teamDetail, teamList, teamPath } from '../../../../schemas/api/teams.ts';
import type { AccessBinding } from '../../../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../../../schemas/kinds/access/access-role.ts';
import { teamNamespace } from '../../../../schemas/kinds/team.ts';
import { SYSTEM_NAMESPACE } from '../../../../schemas/names.ts';
import { type OfGit, originOf } from '../../../access/origins.ts';
import {
  BUILT_IN_ROLES,
  bindingsOfTeam,
  ownRolesOfTeam,
  type PolicyOfTeam,
  policiesOfTeam,
  presentBinding,
  presentPolicy,
} from '../../../access/team-parts.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { GitSyncJson, TeamJson } from '../../../sessions/kinds-json.ts';
import { type QuotaPorts, quotaOfTeam } from '../../../sessions/quota.ts';
import { teamFor } from '../../../sessions/team-for.ts';
import { membershipsOf } from '../../../sessions/teams.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';
import { POLICY_RESOURCES } from '../git/editable.ts';

export interface TeamPorts {
  readonly client: KubeClient;
  readonly db: Queryable;
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly teams: () => Iterable<TeamJson>;
  readonly gitSyncs: () => Iterable<GitSyncJson>;
  readonly quota: QuotaPorts;
}

export function teamRoutes(ports: TeamPorts): readonly Route[] {
  const { decisions, teams } = ports;
  const mayReadAll = (person: Person): Promise<boolean> => decisions.ask(person, { verb: 'list', resource: 'teams' });
  return [
    route({
      method: 'get',
      path: '/teams',
      operationId: 'listTeams',
      summary: 'The teams of the person; all of them for whoever may list teams.',
      tag: 'Access',
      responses: { 200: { name: 'TeamList', schema: teamList } },
      async handle({ person }) {
        const roles = new Map(membershipsOf(person, teams()).map(({ name, role }) => [name, role] as const));
        const all = await mayReadAll(person);
        const seen = [...teams()]
          .filter(({ metadata }) => metadata.deletionTimestamp === undefined && (all || roles.has(metadata.name)))
          .map((team) => ({
            ...headOf(team),
            role: roles.get(team.metadata.name) ?? null,
            members: team.spec.members?.length ?? 0,
          }));
        return { status: 200, body: { items: seen.sort((left, right) => (left.name < right.name ? -1 : 1)) } };
      },
    }),
    route({
      method: 'get',
      path: '/teams/{name}',
      operationId: 'getTeam',
      summary: 'A team: members, bindings, policies, what it uses of its quotas, and where each stands in Git.',
      tag: 'Access',
      params: teamPath,
      responses: { 200: { name: 'TeamDetail', schema: teamDetail } },
      async handle({ person, params: { name }, signal }) {
        const team = await teamFor(ports, person, name);
        const [mine] = membershipsOf(person, [team]);
        return { status: 200, body: await present(ports, { person, team, role: mine?.role ?? null, signal }) };
      },
    }),
  ];
}

function headOf(team: TeamJson) {
  const { metadata, spec, status } = team;
  return { name: metadata.name, displayName: spec.displayName, namespace: status?.namespace ?? teamNamespace(team) };
}

async function present(
  ports: TeamPorts,
  asked: { readonly person: Person; readonly team: TeamJson; readonly role: TeamDetail['role']; readonly signal: AbortSignal },
): Promise<TeamDetail> {
  const { person, team, role, signal } = asked;
  const head = headOf(team);
  const asPerson = ports.client.as(impersonationOf(person));
  /** Undefined: not his to read. */
  const read = async <T extends object>(resource: Resource, namespace: string): Promise<readonly (T & OfGit)[] | undefined> => {
    try {
      const { items } = await asPerson.list<T & OfGit>(resource, { namespace, signal });
      return items.map((item) => ({ ...item, kind: resource.kind }));
    } catch (error) {
      if (isStatus(error, 403)) return undefined;
      throw error;
    }
  };
  const syncs = [...ports.gitSyncs()];
  const origin = async (object: OfGit): Promise<AccessOrigin | null> => (await originOf(ports.db, object, syncs))[0] ?? null;
  const own = await read<AccessBinding>(RESOURCES.accessBindings, head.namespace);
  const above = own === undefined ? undefined : await read<AccessBinding>(RESOURCES.accessBindings, SYSTEM_NAMESPACE);
  // With the gateway's own rights: an admin of a team gives roles that he may not read as objects.
  const roles =
    own === undefined
      ? []
      : (await ports.client.list<AccessRole>(RESOURCES.accessRoles, { signal })).items.map((item) => ({
          ...item,
          kind: RESOURCES.accessRoles.kind,
        }));
  const policies = await Promise.all(
    POLICY_RESOURCES.flatMap((resource) =>
      [SYSTEM_NAMESPACE, head.namespace].map((place) => read<PolicyOfTeam>(resource, place)),
    ),
  );
  const readable = policies.filter((list) => list !== undefined);
  const bindings = own === undefined ? undefined : bindingsOfTeam([...own, ...(above ?? [])], head);
  return {
    ...head,
    role,
    members: (team.spec.members ?? []).map(({ user, group, role: given }) =>
      user === undefined ? { kind: 'Group', name: group ?? '', role: given } : { kind: 'User', name: user, role: given },
    ),
    network: team.spec.defaults?.network ?? null,
    priority: team.spec.priority ?? null,
    origin: await origin({ ...team, kind: 'Team' }),
    roles: [
      ...BUILT_IN_ROLES,
      ...(await Promise.all(
        ownRolesOfTeam(roles).map(async ({ role: object, shown }) => ({ ...shown, origin: await origin(object) })),
      )),
    ],
    bindings:
      bindings === undefined ? null : await Promise.all(bindings.map(async (each) => presentBinding(each, await origin(each)))),
    policies:
      readable.length === 0
        ? null
        : await Promise.all(policiesOfTeam(readable.flat(), head).map(async (each) => presentPolicy(each, await origin(each)))),
    quota: quotaOfTeam(ports.quota, head.namespace),
    may: {
      listMachines: await ports.decisions.ask(person, { verb: 'list', resource: 'machines', namespace: head.namespace }),
    },
  };
}
