// Machines of a team and their API keys, for whom the API server lets `list` or `update` `machines.streamspace.io` in its namespace: a
// resource that exists in rights only. The machines themselves stand in the Team, in Git.
import * as z from 'zod';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../../runtime/kube/types.ts';
import { apiKeyCreate, apiKeyCreated, apiKeyRotate, apiKeyRotated } from '../../../../schemas/api/api-keys.ts';
import { type MachineView, machineList } from '../../../../schemas/api/machines.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { AccessBinding } from '../../../../schemas/kinds/access/access-binding.ts';
import { dnsLabel } from '../../../../schemas/kinds/kind.ts';
import { type TeamMachine, teamNamespace } from '../../../../schemas/kinds/team.ts';
import { machineServiceAccount, SYSTEM_NAMESPACE } from '../../../../schemas/names.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import { KeyIssuer, type KeyIssuerPorts } from '../../../auth/keys/issue-keys.ts';
import { machinePerson } from '../../../machines/machines.ts';
import type { TeamJson } from '../../../sessions/kinds-json.ts';
import { deleteApiKey, listApiKeys } from '../../../store/api-keys.ts';
import { noteMachine } from '../../../store/machines.ts';
import type { Person } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';
import { endOf, forMachine, issuedAnswer, keyId, presentApiKey, requireIssuer, rotatedAnswer } from './api-key-parts.ts';

export interface MachineRoutePorts extends KeyIssuerPorts {
  /** With the gateway's own rights. */
  readonly client: Pick<KubeClient, 'list'>;
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly teams: () => Iterable<TeamJson>;
}

const ofTeam = z.object({ name: dnsLabel });
const ofMachine = ofTeam.extend({ machine: dnsLabel });
const ofKey = ofMachine.extend({ id: keyId });
const KEYS = '/teams/{name}/machines/{machine}/api-keys';

interface Found {
  readonly machine: TeamMachine;
  readonly namespace: string;
  readonly owner: Person;
}

export function machineRoutes(ports: MachineRoutePorts): readonly Route[] {
  const { db, now, decisions, teams } = ports;
  const issuer = new KeyIssuer(ports);
  const mayIn = (person: Person, verb: 'list' | 'update', namespace: string): Promise<boolean> =>
    decisions.ask(person, { verb, resource: 'machines', namespace });

  /** Who may not is not told whether the team is there. */
  async function requireTeam(person: Person, verb: 'list' | 'update', name: string): Promise<TeamJson> {
    const team = [...teams()].find(({ metadata }) => metadata.name === name);
    const namespace = team === undefined ? undefined : namespaceOf(team);
    if (
      !(namespace === undefined
        ? await decisions.ask(person, { verb, resource: 'machines' })
        : await mayIn(person, verb, namespace))
    )
      throw new StreamSpaceError('Forbidden', `${person.name} may not ${verb} machines of the team ${name}`);
    if (team === undefined) throw new StreamSpaceError('NotFound', `there is no team "${name}"`);
    return team;
  }

  async function requireMachine(person: Person, params: z.infer<typeof ofMachine>): Promise<Found> {
    const team = await requireTeam(person, 'update', params.name);
    const machine = team.spec.machines?.find(({ name }) => name === params.machine);
    if (machine === undefined) throw new StreamSpaceError('NotFound', `team ${params.name} has no machine "${params.machine}"`);
    return { machine, namespace: namespaceOf(team), owner: machinePerson(params.name, machine.name) };
  }

  /**
   * Who makes a key for a machine can do what it can. What a binding or another team gives it is more than an admin of its team has.
   * @throws StreamSpaceError `Forbidden`
   */
  async function requireNotWider(person: Person, { owner, namespace }: Found, signal: AbortSignal): Promise<void> {
    const { items } = await ports.client.list<AccessBinding>(RESOURCES.accessBindings, { signal });
    const binding = items.find(({ metadata, spec }) => spec.subject.user === owner.name && metadata.namespace !== namespace);
    const team = [...teams()].find(
      (each) => namespaceOf(each) !== namespace && each.spec.members.some(({ user }) => user === owner.name),
    );
    const wider = binding === undefined ? team && `Team ${team.metadata.name}` : bindingWords(binding);
    if (wider === undefined || (await decisions.ask(person, { verb: 'update', resource: 'machines' }))) return;
    throw new StreamSpaceError(
      'Forbidden',
      `${owner.name} has more than its team by ${wider}: only who may update machines in the whole cluster makes keys for it`,
    );
  }

  return [
    route({
      method: 'get',
      path: '/teams/{name}/machines',
      operationId: 'listMachines',
      summary: 'The machines of a team with their API keys, without the keys themselves.',
      tag: 'Access',
      params: ofTeam,
      responses: { 200: { name: 'MachineList', schema: machineList } },
      async handle({ person, params: { name } }) {
        const team = await requireTeam(person, 'list', name);
        const update = await mayIn(person, 'update', namespaceOf(team));
        const present = async (machine: TeamMachine): Promise<MachineView> => {
          const { name: user } = machinePerson(name, machine.name);
          const keys = await listApiKeys(db, user);
          return {
            ...{ name: machine.name, user, role: machine.role, description: machine.description ?? null },
            serviceAccount: machineServiceAccount(machine.name),
            apiKeys: keys.map((key) => presentApiKey(key, now())),
          };
        };
        const items = await Promise.all((team.spec.machines ?? []).map(present));
        return { status: 200, body: { namespace: namespaceOf(team), items, may: { update } } };
      },
    }),
    route({
      method: 'post',
      path: KEYS,
      operationId: 'createMachineKey',
      summary: 'Makes an API key for a machine of a team. The answer shows it for the only time.',
      tag: 'Access',
      params: ofMachine,
      body: { name: 'ApiKeyCreate', schema: apiKeyCreate },
      responses: { 201: { name: 'ApiKeyCreated', schema: apiKeyCreated } },
      audit: 'apikey.created',
      object: objectOf,
      async handle({ person, identity, params, body, sourceAddress, signal }) {
        const found = await requireMachine(person, params);
        requireIssuer(identity);
        await requireNotWider(person, found, signal);
        await noteMachine(db, found.owner);
        const order = { owner: found.owner, by: person, address: sourceAddress, until: endOf(identity) };
        return issuedAnswer(await issuer.create(order, body), now(), found.owner.name);
      },
    }),
    route({
      method: 'post',
      path: `${KEYS}/{id}/rotate`,
      operationId: 'rotateMachineKey',
      summary: 'Replaces a key of a machine by one with the same name and rights; the old one goes on for the grace time.',
      tag: 'Access',
      params: ofKey,
      body: { name: 'ApiKeyRotate', schema: apiKeyRotate },
      responses: { 201: { name: 'ApiKeyRotated', schema: apiKeyRotated } },
      audit: 'apikey.rotated',
      object: ({ id }) => `ApiKey/${id}`,
      async handle({ person, identity, params, body, sourceAddress, signal }) {
        const found = await requireMachine(person, params);
        requireIssuer(identity);
        await requireNotWider(person, found, signal);
        const order = { owner: found.owner, by: person, address: sourceAddress, until: endOf(identity) };
        return rotatedAnswer(await issuer.rotate(order, params.id, body), params.id, now(), found.owner.name);
      },
    }),
    route({
      method: 'delete',
      path: `${KEYS}/{id}`,
      operationId: 'revokeMachineKey',
      summary: 'Revokes a key of a machine at once.',
      tag: 'Access',
      params: ofKey,
      responses: { 204: null },
      audit: 'apikey.revoked',
      object: ({ id }) => `ApiKey/${id}`,
      async handle({ person, params }) {
        const { owner } = await requireMachine(person, params);
        if (!(await deleteApiKey(db, owner.name, params.id)))
          throw new StreamSpaceError('NotFound', `${owner.name} has no key ${params.id}`);
        return { status: 204, audited: { object: `ApiKey/${params.id}`, details: forMachine(owner.name) } };
      },
    }),
  ];
}

function namespaceOf(team: TeamJson): string {
  return team.status?.namespace ?? teamNamespace(team);
}

function bindingWords({ metadata: { namespace = SYSTEM_NAMESPACE, name } }: AccessBinding): string {
  return `AccessBinding ${namespace}/${name}`;
}

function objectOf({ name, machine }: z.infer<typeof ofMachine>): string {
  return `Person/${machinePerson(name, machine).name}`;
}
