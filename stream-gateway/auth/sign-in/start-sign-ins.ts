// Everything about signing in that stands on policies: which step comes next, second factors, and step-up.
import type { Database } from '../../../runtime/db/database.ts';
import type { SignInLimits } from '../../store/sign-ins.ts';
import { FactorAttempts } from '../factors/attempts.ts';
import { Passkeys } from '../factors/passkeys.ts';
import { SecondFactors } from '../factors/second-factors.ts';
import type { Seal } from '../seal.ts';
import { createStepUp, type RequireStepUp } from '../step-up.ts';
import { SignInPolicies, type SignInPolicyPorts } from './sign-in-policies.ts';
import { SignInSteps } from './waiting.ts';

export interface SignIns {
  readonly policies: SignInPolicies;
  readonly steps: SignInSteps;
  readonly passkeys: Passkeys;
  readonly factors: SecondFactors;
  readonly stepUp: RequireStepUp;
}

export interface SignInsPorts {
  readonly db: Database;
  readonly feeds: SignInPolicyPorts;
  /** As the gateway is set. */
  readonly limits: SignInLimits;
  readonly publicUrl: string;
  readonly seal: Seal | undefined;
  readonly now: () => Date;
}

export function startSignIns({ db, feeds, limits, publicUrl, seal, now }: SignInsPorts): SignIns {
  const policies = new SignInPolicies(feeds);
  const passkeys = new Passkeys({ db, publicUrl });
  const steps = new SignInSteps({ policies, limits, publicUrl });
  const attempts = new FactorAttempts();
  const factors = new SecondFactors({ db, passkeys, policies, steps, attempts, seal, now });
  return { policies, steps, passkeys, factors, stepUp: createStepUp({ db, policies }) };
}
