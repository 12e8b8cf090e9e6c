// A sign-in between leaving for the identity provider and coming back. State, nonce and PKCE verifier follow from a secret
// that only this browser has, so what the database holds of it opens nothing.
import type { Queryable } from '../../runtime/db/database.ts';
import { savePendingSignIn, takePendingSignIn } from '../store/sign-ins.ts';
import type { SignInProof } from './provider.ts';
import { deriveSecret, newSecret, sha256 } from './secrets.ts';

/** Time to find the password. */
export const PENDING_TTL_MS = 10 * 60_000;

function proofOf(browserSecret: string, state: string): SignInProof {
  return {
    state,
    nonce: deriveSecret(browserSecret, `nonce ${state}`),
    verifier: deriveSecret(browserSecret, `verifier ${state}`),
  };
}

export async function beginSignIn(
  db: Queryable,
  browserSecret: string,
  returnTo: string,
  provider: string,
): Promise<SignInProof> {
  // The provider is part of what is kept a hash of: an answer counts where the question went.
  const state = `${provider}.${newSecret()}`;
  await savePendingSignIn(db, { stateHash: sha256(state), browserHash: sha256(browserSecret), returnTo }, PENDING_TTL_MS);
  return proofOf(browserSecret, state);
}

/** Once for each state, in the browser that began it, from the provider that was asked; else `undefined`. */
export async function resumeSignIn(
  db: Queryable,
  browserSecret: string,
  state: string,
  provider: string,
): Promise<{ readonly proof: SignInProof; readonly returnTo: string } | undefined> {
  if (!state.startsWith(`${provider}.`)) return undefined;
  const pending = await takePendingSignIn(db, sha256(state), sha256(browserSecret));
  return pending === undefined ? undefined : { proof: proofOf(browserSecret, state), returnTo: pending.returnTo };
}
