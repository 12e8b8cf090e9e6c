// What is read of one GitSync beside its status: read anew whenever the status says that something happened.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { useGateway } from '../context.tsx';
import type { SyncedObject } from './git-sync-api.ts';

const FIRST: string | null = null;
/** How old the difference of an open object may be. */
const DIFF_EVERY_MS = 5_000;

function nameOf({ metadata: { namespace = '', name } }: GitSyncView) {
  return { namespace, name };
}

/** Newest first, a page at a time. */
export function useSyncHistory(sync: GitSyncView) {
  const { api } = useGateway();
  const name = nameOf(sync);
  const queryKey = ['sync-history', name.namespace, name.name];
  useFresh(sync, queryKey);
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => api.syncHistory(name, pageParam, signal),
    initialPageParam: FIRST,
    getNextPageParam: ({ metadata }) => metadata.continue ?? null,
  });
}

/** Every page, one after the other: what is searched and counted has to be whole. */
export function useSyncTree(sync: GitSyncView) {
  const { api } = useGateway();
  const name = nameOf(sync);
  const queryKey = ['sync-tree', name.namespace, name.name];
  useFresh(sync, queryKey);
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => api.syncTree(name, pageParam, signal),
    initialPageParam: FIRST,
    getNextPageParam: ({ metadata }) => metadata.continue ?? null,
  });
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  return query;
}

export function useObjectSource(sync: GitSyncView, object: SyncedObject) {
  const { api } = useGateway();
  const name = nameOf(sync);
  const queryKey = ['sync-object', name.namespace, name.name, object];
  useFresh(sync, queryKey);
  return useQuery({ queryKey, queryFn: ({ signal }) => api.explainObject(name, object, signal) });
}

/** Live: asked again while it is open. */
export function useObjectDiff(sync: GitSyncView, object: SyncedObject) {
  const { api } = useGateway();
  const name = nameOf(sync);
  const queryKey = ['sync-diff', name.namespace, name.name, object];
  useFresh(sync, queryKey);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => api.diffObject(name, object, signal),
    refetchInterval: ({ state }) => (state.status === 'success' ? DIFF_EVERY_MS : false),
  });
}

/** The status is written up to once a second while a sync runs; only its turns are a reason to ask. */
function useFresh({ status }: GitSyncView, queryKey: readonly unknown[]): void {
  const queries = useQueryClient();
  const turn = [status?.lastAttemptAt, status?.lastSyncAt, status?.revision, status?.health, status?.operation?.phase].join(' ');
  const seen = useRef(turn);
  useEffect(() => {
    if (seen.current === turn) return;
    seen.current = turn;
    void queries.invalidateQueries({ queryKey });
  });
}
