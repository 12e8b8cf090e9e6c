// Second factors as the page reads and changes them.
import { type UseMutationResult, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FactorsView } from '../../../../../schemas/api/factors.ts';
import { useGateway } from '../context.tsx';

const KEY = ['factors'];

export function useFactors(): UseQueryResult<FactorsView> {
  const { api } = useGateway();
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.factors(signal), staleTime: 10_000 });
}

export function useRemovePasskey(): UseMutationResult<void, Error, string> {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id) => api.removePasskey(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRemoveTotp(): UseMutationResult<void, Error, void> {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({ mutationFn: () => api.removeTotp(), onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}
