// The audit log and the searches that one keeps, as queries of the page.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useGateway } from '../context.tsx';

const FIRST: string | null = null;
const FOLLOW_EVERY_MS = 3_000;

/** Newest first, a page at a time. @param options.follow asks again every few seconds */
export function useAuditEvents(search: string, options: { readonly follow: boolean; readonly allowed: boolean }) {
  const { api } = useGateway();
  return useInfiniteQuery({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) => api.auditEvents(search, pageParam, signal),
    initialPageParam: FIRST,
    getNextPageParam: ({ metadata }) => metadata.continue ?? null,
    refetchInterval: options.follow ? FOLLOW_EVERY_MS : false,
    enabled: options.allowed,
    placeholderData: keepPreviousData,
  });
}

export function useAuditViews() {
  const { api } = useGateway();
  return useQuery({ queryKey: ['audit-views'], queryFn: ({ signal }) => api.auditViews(signal) });
}

export function useChangeAuditView() {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, query }: { readonly name: string; readonly query: string | null }) =>
      query === null ? await api.deleteAuditView(name) : await api.saveAuditView(name, query),
    onSettled: () => queries.invalidateQueries({ queryKey: ['audit-views'] }),
  });
}
