// What the page reads of people and sign-ins, and what it does to them; what is shown is read anew after each.
import { type UseQueryResult, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { PersonDetail, SignInView } from '../../../../../schemas/api/people.ts';
import type { PeopleSearch } from '../../routes/search.ts';
import { useGateway } from '../context.tsx';

/** Others sign in and out while one looks. */
const EVERY_MS = 15_000;
const FIRST: string | null = null;

export function useSignIns(): UseQueryResult<readonly SignInView[]> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['sign-ins'], queryFn: ({ signal }) => api.signIns(signal), refetchInterval: EVERY_MS });
}

/** @param which an id, or all but this one */
export function useEndSignIns() {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (which: SignInView | 'others') =>
      which === 'others' ? await api.endOtherSignIns() : await api.endSignIn(which.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sign-ins'] }),
  });
}

export function usePeople(search: PeopleSearch) {
  const { api } = useGateway();
  return useInfiniteQuery({
    queryKey: ['people', search],
    queryFn: ({ pageParam, signal }) => api.people(search, pageParam, signal),
    initialPageParam: FIRST,
    getNextPageParam: ({ metadata }) => metadata.continue ?? null,
    refetchInterval: EVERY_MS,
  });
}

export function usePerson(name: string): UseQueryResult<PersonDetail> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['person', name],
    queryFn: ({ signal }) => api.person(name, signal),
    refetchInterval: EVERY_MS,
  });
}

export type PersonAction = 'lock' | 'unlock' | 'signOut' | 'resetFactors' | 'delete';

export function usePersonAction(name: string) {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ action, reason }: { readonly action: PersonAction; readonly reason: string }) => {
      switch (action) {
        case 'lock':
          return await api.lockPerson(name, reason);
        case 'unlock':
          return await api.unlockPerson(name);
        case 'signOut':
          return await api.endSignInsOf(name);
        case 'resetFactors':
          return await api.resetFactors(name);
        case 'delete':
          return await api.deletePerson(name);
      }
    },
    onSettled: async (_nothing, error, { action }) => {
      await queries.invalidateQueries({ queryKey: ['people'] });
      // Who is forgotten is not asked about again.
      if (action !== 'delete' || error !== null) await queries.invalidateQueries({ queryKey: ['person', name] });
    },
  });
}
