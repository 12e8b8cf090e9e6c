// The machines of teams as the cluster has them: who is one by the Teams, and whose ServiceAccount is still there.
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type TeamMachine, teamNamespace } from '../../schemas/kinds/team.ts';
import { LABELS, machineOf, machineServiceAccount, machineUser } from '../../schemas/names.ts';
import type { Feed } from '../http/live/feed.ts';
import type { TeamJson } from '../sessions/kinds-json.ts';
import type { Person } from '../store/people.ts';

export interface MachinePorts {
  readonly teams: Pick<Feed<TeamJson>, 'objects' | 'ready'>;
  /** ServiceAccounts with the label of a machine. */
  readonly accounts: Pick<Feed<KubeObjectJson>, 'objects' | 'ready'>;
}

export class Machines {
  readonly #ports: MachinePorts;

  constructor(ports: MachinePorts) {
    this.#ports = ports;
  }

  /** False for a machine that its team no longer has, and for whoever is none. @throws StreamSpaceError `ClusterUnreachable` */
  has(user: string): boolean {
    const name = machineOf(user);
    const team = name === undefined ? undefined : this.#teams().get(name.team);
    return team !== undefined && team.metadata.deletionTimestamp === undefined && find(team, name?.machine) !== undefined;
  }

  /** `undefined`: the account is none of a machine. @throws StreamSpaceError `ClusterUnreachable` */
  ofAccount(namespace: string, account: string): Person | undefined {
    for (const team of this.#teams().values()) {
      if ((team.status?.namespace ?? teamNamespace(team)) !== namespace || team.metadata.deletionTimestamp !== undefined)
        continue;
      const machine = team.spec.machines?.find(({ name }) => machineServiceAccount(name) === account);
      if (machine !== undefined) return machinePerson(team.metadata.name, machine.name);
    }
    return undefined;
  }

  /** Whether the ServiceAccount that a token was made for is still that of the machine. @throws StreamSpaceError `ClusterUnreachable` */
  isAccountOf(user: string, uid: string): boolean {
    const name = machineOf(user);
    if (name === undefined || !this.has(user)) return false;
    const { accounts } = this.#ports;
    if (!accounts.ready) throw notKnown();
    return [...accounts.objects.values()].some(
      ({ metadata }) =>
        metadata.uid === uid &&
        metadata.labels?.[LABELS.team] === name.team &&
        metadata.labels[LABELS.machine] === name.machine &&
        metadata.deletionTimestamp === undefined,
    );
  }

  #teams(): ReadonlyMap<string, TeamJson> {
    const { teams } = this.#ports;
    if (!teams.ready) throw notKnown();
    return teams.objects;
  }
}

/** As one who acts: its rights come from its team alone, never from groups. */
export function machinePerson(team: string, machine: string): Person {
  return { name: machineUser({ team, machine }), displayName: `${machine} (${team})`, groups: [] };
}

function find(team: TeamJson, machine: string | undefined): TeamMachine | undefined {
  return team.spec.machines?.find(({ name }) => name === machine);
}

function notKnown(): StreamSpaceError {
  return new StreamSpaceError('ClusterUnreachable', 'the machines of teams have not been read yet');
}
