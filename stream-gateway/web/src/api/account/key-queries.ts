// API keys as queries of the page, whoever they are of.
import { type UseMutationResult, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKeyCreate, ApiKeyRotated, ApiKeyView } from '../../../../../schemas/api/api-keys.ts';
import type { MachineList } from '../../../../../schemas/api/machines.ts';
import { useGateway } from '../context.tsx';
import type { ApiKeyCreated, MachineName, RotateWish } from './keys-api.ts';

export function useApiKeys(): UseQueryResult<readonly ApiKeyView[]> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['api-keys'], queryFn: ({ signal }) => api.apiKeys(signal), staleTime: 10_000 });
}

/** @param allowed false: it is known that the answer would be a refusal, so nobody is asked */
export function useMachines(team: string, allowed: boolean): UseQueryResult<MachineList> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['machines', team],
    queryFn: ({ signal }) => api.machines(team, signal),
    staleTime: 10_000,
    enabled: allowed,
  });
}

export function useCreateApiKey(owner?: MachineName): UseMutationResult<ApiKeyCreated, Error, ApiKeyCreate> {
  const { api } = useGateway();
  const onSuccess = useKeysChanged(owner);
  return useMutation({ mutationFn: (key) => api.createApiKey(key, owner), onSuccess });
}

export function useRotateApiKey(owner?: MachineName): UseMutationResult<ApiKeyRotated, Error, RotateWish> {
  const { api } = useGateway();
  const onSuccess = useKeysChanged(owner);
  return useMutation({ mutationFn: (wish) => api.rotateApiKey(wish, owner), onSuccess });
}

export function useRevokeApiKey(owner?: MachineName): UseMutationResult<void, Error, string> {
  const { api } = useGateway();
  const onSuccess = useKeysChanged(owner);
  return useMutation({ mutationFn: (id) => api.revokeApiKey(id, owner), onSuccess });
}

function useKeysChanged(owner: MachineName | undefined): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: owner === undefined ? ['api-keys'] : ['machines', owner.team] });
}
