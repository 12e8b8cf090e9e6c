// Makes the refresh tokens of sign-ins that have ended worthless at the provider too. Nobody waits for it: the tokens are gone
// here, and end by themselves there.
import type { EndedSignIn } from '../../store/own-sign-ins.ts';
import type { Seal } from '../seal.ts';
import type { Providers } from '../sign-in/providers.ts';

export type TakeBack = (ended: readonly EndedSignIn[]) => Promise<void>;

export function takeBackWith(providers: Pick<Providers, 'ofPerson'>, seal: Seal | undefined): TakeBack {
  return async (ended) => {
    // One after another: who ends the sign-ins of many must not flood the provider.
    for (const { person, refreshToken } of ended) {
      const token = refreshToken === null ? undefined : seal?.open(refreshToken, person);
      if (token !== undefined) await providers.ofPerson(person)?.source.revoke(token);
    }
  };
}
