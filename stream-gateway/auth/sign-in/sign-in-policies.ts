// Which SignInPolicies hold: for a person those of the system and of his teams, for a thing those of the system and of its namespace.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { decideSignIn, type SignInDecision, type SignInRules } from '../../../schemas/kinds/sign-in/sign-in-rules.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { Feed } from '../../http/live/feed.ts';
import type { SignInPolicyJson, TeamJson } from '../../sessions/kinds-json.ts';
import { membershipsOf } from '../../sessions/teams.ts';
import type { Person } from '../../store/people.ts';

export interface SignInPolicyPorts {
  readonly signInPolicies: Pick<Feed<SignInPolicyJson>, 'objects' | 'ready'>;
  readonly teams: Pick<Feed<TeamJson>, 'objects' | 'ready'>;
}

export class SignInPolicies {
  readonly #ports: SignInPolicyPorts;

  constructor(ports: SignInPolicyPorts) {
    this.#ports = ports;
  }

  /** @throws StreamSpaceError `SignInPolicyUnknown` before they were read once: nobody is let in by a rule that is not known */
  decide(person: Person, address: string): SignInDecision {
    const { teams } = this.#ports;
    this.#requireKnown();
    const namespaces = membershipsOf(person, teams.objects.values()).map(({ namespace }) => namespace);
    return decideSignIn(this.#in([SYSTEM_NAMESPACE, ...namespaces]), address);
  }

  /** @throws StreamSpaceError `SignInPolicyUnknown` */
  rulesOf(namespace: string | undefined): readonly SignInRules[] {
    this.#requireKnown();
    return this.#in([SYSTEM_NAMESPACE, ...(namespace === undefined ? [] : [namespace])]);
  }

  #in(namespaces: readonly string[]): readonly SignInRules[] {
    const wanted = new Set(namespaces);
    return [...this.#ports.signInPolicies.objects.values()]
      .filter(({ metadata }) => wanted.has(metadata.namespace ?? ''))
      .map(({ spec }) => spec);
  }

  #requireKnown(): void {
    if (this.#ports.signInPolicies.ready && this.#ports.teams.ready) return;
    throw new StreamSpaceError('SignInPolicyUnknown', 'the policies for sign-ins have not been read yet');
  }
}
