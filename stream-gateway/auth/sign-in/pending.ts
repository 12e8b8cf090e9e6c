// A sign-in between leaving for the identity provider and coming back. State, nonce and PKCE verifier follow from a secret
// that only this browser has, so what the database holds of it opens nothing.
import type { Queryable } from '../../../runtime/db/database.ts';
import { savePendingSignIn, type TakenSignIn, takePendingSignIn } from '../../store/pending-sign-ins.ts';
import { deriveSecret, newSecret, sha256 } from '../secrets.ts';
import type { SignInProof } from './provider.ts';

/** Time to find the password. */
export const PENDING_TTL_MS = 10 * 60_000;

function proofOf(browserSecret: string, state: string): SignInProof {
  return {
    state,
    nonce: deriveSecret(browserSecret, `nonce ${state}`),
    verifier: deriveSecret(browserSecret, `verifier ${state}`),
  };
}

export interface NewPending {
  readonly returnTo: string;
  /** An object's name, or that of the settings' provider. */
  readonly provider: string;
  /** The provider has to ask for credentials, whoever is signed in there. */
  readonly fresh: boolean;
}

export async function beginSignIn(
  db: Queryable,
  browserSecret: string,
  { returnTo, provider, fresh }: NewPending,
): Promise<SignInProof> {
  // The provider is part of what is kept a hash of: an answer counts where the question went.
  const state = `${provider}.${newSecret()}`;
  await savePendingSignIn(db, { stateHash: sha256(state), browserHash: sha256(browserSecret), returnTo, fresh }, PENDING_TTL_MS);
  return proofOf(browserSecret, state);
}

/** Whether it was begun at this provider. */
export function stateOfProvider(state: string, provider: string): boolean {
  return state.startsWith(`${provider}.`);
}

/** Once for each state, in the browser that began it, from the provider that was asked; else `undefined`. */
export async function resumeSignIn(
  db: Queryable,
  browserSecret: string,
  state: string,
  provider: string,
): Promise<(TakenSignIn & { readonly proof: SignInProof }) | undefined> {
  if (!stateOfProvider(state, provider)) return undefined;
  const pending = await takePendingSignIn(db, sha256(state), sha256(browserSecret));
  return pending === undefined ? undefined : { proof: proofOf(browserSecret, state), ...pending };
}
