// Asks whether a second factor was given a short time ago, before what a policy says it is needed for. An API key never passes.
import type { Queryable } from '../../runtime/db/database.ts';
import type { StepUpMethod, StepUpNeed } from '../../schemas/api/factors.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type StepUpAction, stepUpSeconds } from '../../schemas/kinds/sign-in/sign-in-rules.ts';
import { factorsOf, methodsOf } from '../store/factors.ts';
import { provenWithin } from '../store/sign-ins.ts';
import type { Identity } from './identity.ts';
import type { SignInPolicies } from './sign-in/sign-in-policies.ts';

/** Where it is asked for whatever the policies say. */
export const STEP_UP_SECONDS = 900;

/** `Factors`: changing second factors, which is asked for always. */
export type StepUpFor = StepUpAction | 'Factors';

export interface StepUpQuestion {
  readonly for: StepUpFor;
  /** Of what it is about; its team's policies count beside those of the system. */
  readonly namespace?: string | undefined;
  /** Another rule asks as well, such as that of a recording. */
  readonly anyway?: boolean;
}

export type RequireStepUp = (identity: Identity, address: string, question: StepUpQuestion) => Promise<void>;

export function createStepUp({ db, policies }: { readonly db: Queryable; readonly policies: SignInPolicies }): RequireStepUp {
  return async (identity, address, question) => {
    const maxAgeSeconds = secondsOf(policies, question);
    if (maxAgeSeconds === undefined) return;
    if (identity.via !== 'sign-in')
      throw refusal({ for: question.for, methods: [], maxAgeSeconds }, 'an API key cannot give one');
    const { person, credential } = identity;
    const factors = await factorsOf(db, person.name);
    const enrolled = policies.decide(person, address).secondFactor === 'Off' ? [] : methodsOf(factors);
    const by = enrolled.length > 0 ? 'factor' : 'sign-in';
    if (await provenWithin(db, credential, maxAgeSeconds * 1_000, by)) return;
    const withCodes = enrolled.length > 0 && factors.recoveryCodes > 0;
    const methods: readonly StepUpMethod[] =
      by === 'sign-in' ? ['SignIn'] : [...enrolled, ...(withCodes ? (['RecoveryCode'] as const) : [])];
    const within = `within the last ${Math.ceil(maxAgeSeconds / 60)} minutes`;
    throw refusal(
      { for: question.for, methods: [...methods], maxAgeSeconds },
      by === 'factor' ? `a second factor ${within} is needed` : `a sign-in ${within} is needed`,
    );
  };
}

function secondsOf(policies: SignInPolicies, { for: action, namespace, anyway = false }: StepUpQuestion): number | undefined {
  const said = action === 'Factors' ? STEP_UP_SECONDS : stepUpSeconds(policies.rulesOf(namespace), action);
  if (!anyway) return said;
  return Math.min(said ?? STEP_UP_SECONDS, STEP_UP_SECONDS);
}

function refusal(stepUp: StepUpNeed, message: string): StreamSpaceError {
  return new StreamSpaceError('StepUpRequired', message, { facts: { stepUp } });
}
