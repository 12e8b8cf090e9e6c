// Which ways to sign in there are; asked before anybody is signed in.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { SignInOption, SignInOptions } from '../../../../schemas/api/sign-in.ts';
import { useGateway } from './context.tsx';

export interface SignInApi {
  /** @param host by which somebody came; undefined: that of this page */
  signInOptions(host: string | undefined, signal: AbortSignal): Promise<readonly SignInOption[]>;
}

export function signInApi(get: <T>(path: string, signal: AbortSignal) => Promise<T>): SignInApi {
  return {
    signInOptions: async (host, signal) => {
      const query = host === undefined ? '' : `?host=${encodeURIComponent(host)}`;
      return (await get<SignInOptions>(`/auth/providers${query}`, signal)).items;
    },
  };
}

export function useSignInOptions(host: string | undefined): UseQueryResult<readonly SignInOption[]> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['sign-in', host], queryFn: ({ signal }) => api.signInOptions(host, signal), retry: false });
}
