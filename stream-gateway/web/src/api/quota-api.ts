// What is left for me, asked while somebody looks at it.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type * as z from 'zod';
import type { quotaView } from '../../../../schemas/api/quota.ts';
import { useGateway } from './context.tsx';

export type QuotaLeft = z.infer<typeof quotaView>;

export interface QuotaApi {
  /** @param template `namespace/name` */
  quotaLeft(namespace: string, template: string, signal: AbortSignal): Promise<QuotaLeft>;
}

export function quotaApi(get: <T>(path: string, signal: AbortSignal) => Promise<T>): QuotaApi {
  return {
    quotaLeft: (namespace, template, signal) =>
      get(`/api/v1/quota?namespace=${encodeURIComponent(namespace)}&template=${encodeURIComponent(template)}`, signal),
  };
}

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
