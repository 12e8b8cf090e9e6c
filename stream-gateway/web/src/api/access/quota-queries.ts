// What is left for me, asked again while somebody looks at it.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useGateway } from '../context.tsx';
import type { QuotaLeft, QuotaRow } from './quota-api.ts';

/** Others start and stop desktops all the time. */
const EVERY_MS = 5_000;

export function useQuotaLeft(namespace: string, template: string): UseQueryResult<QuotaLeft> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['quota', namespace, template],
    queryFn: ({ signal }) => api.quotaLeft(namespace, template, signal),
    refetchInterval: EVERY_MS,
    retry: false,
  });
}

export function useQuotas(): UseQueryResult<readonly QuotaRow[]> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['quotas'], queryFn: ({ signal }) => api.quotas(signal), refetchInterval: EVERY_MS });
}
