// The ways to sign in, as the page asks for them.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { SignInOption } from '../../../../../schemas/api/sign-in.ts';
import { useGateway } from '../context.tsx';
import type { SignInQuestion } from './sign-in-api.ts';

export function useSignInOptions(question: SignInQuestion): UseQueryResult<readonly SignInOption[]> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['sign-in', question.host, question.provider],
    queryFn: ({ signal }) => api.signInOptions(question, signal),
    retry: false,
  });
}
