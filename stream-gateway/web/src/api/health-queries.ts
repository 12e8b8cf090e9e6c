// The health page asks again every half minute; the WebSocket of this browser once, and when it is asked to look again.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { HealthReport } from '../../../../schemas/api/health.ts';
import { useGateway } from './context.tsx';

const EVERY_MS = 30_000;

export function useHealth(): UseQueryResult<HealthReport> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['health'], queryFn: ({ signal }) => api.health(signal), refetchInterval: EVERY_MS });
}

export function useSocketPasses(): UseQueryResult<boolean> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['health', 'socket'], queryFn: ({ signal }) => api.socketPasses(signal) });
}
