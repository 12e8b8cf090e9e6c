// Which ways to sign in there are; asked before anybody is signed in.
import type { PasswordSignedIn, PasswordSignIn, SignInOption, SignInOptions } from '../../../../../schemas/api/sign-in.ts';

/** What is asked for: the ways of a host name, or the one with this name; neither: those of this page. */
export interface SignInQuestion {
  readonly host?: string | undefined;
  readonly provider?: string | undefined;
}

export interface SignInApi {
  signInOptions(question: SignInQuestion, signal: AbortSignal): Promise<readonly SignInOption[]>;
  /** @returns where to go on */
  signInWithPassword(given: PasswordSignIn): Promise<string>;
}

export interface SignInCalls {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  answerTo<T>(path: string, body: unknown): Promise<T>;
}

export function signInApi({ get, answerTo }: SignInCalls): SignInApi {
  return {
    signInOptions: async ({ host, provider }, signal) => {
      const query = new URLSearchParams({
        ...(host === undefined ? {} : { host }),
        ...(provider === undefined ? {} : { provider }),
      }).toString();
      return (await get<SignInOptions>(`/auth/providers${query === '' ? '' : `?${query}`}`, signal)).items;
    },
    signInWithPassword: async (given) => (await answerTo<PasswordSignedIn>('/auth/password', given)).location,
  };
}
