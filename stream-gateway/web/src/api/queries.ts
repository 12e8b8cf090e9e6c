// What the page reads: who I am, and the lists, each live while something shows it.
import { type UseQueryResult, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import type { GitSyncView, Me, SessionView, TemplateView } from '../../../../schemas/api/api.ts';
import type { ChangeView } from '../../../../schemas/api/changes.ts';
import { useGateway } from './context.tsx';
import type { Connection, ListDefinition } from './live/live-lists.ts';
import type { ListedObject, LiveList } from './live/watch-events.ts';
import { type ApiError, toApiError } from './problem.ts';

export const LISTS = {
  sessions: { key: ['sessions'], path: '/api/v1/sessions' } as ListDefinition<SessionView>,
  templates: { key: ['templates'], path: '/api/v1/templates' } as ListDefinition<TemplateView>,
  gitSyncs: { key: ['gitsyncs'], path: '/api/v1/gitsyncs' } as ListDefinition<GitSyncView>,
  changes: { key: ['changes'], path: '/api/v1/changes' } as ListDefinition<ChangeView>,
};

/** A list in the one of three ways a page has to show. */
export type ListState<T extends ListedObject> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: ApiError; readonly retry: () => void }
  | { readonly state: 'ready'; readonly list: LiveList<T>; readonly connection: Connection };

export function useMeQuery(): UseQueryResult<Me> {
  const { api } = useGateway();
  return useQuery({ queryKey: ['me'], queryFn: ({ signal }) => api.me(signal), staleTime: 60_000 });
}

/** For what is shown only to somebody who is signed in. */
export function useMe(): Me {
  const { api } = useGateway();
  return useSuspenseQuery({ queryKey: ['me'], queryFn: ({ signal }) => api.me(signal), staleTime: 60_000 }).data;
}

/** For a page that is shown to people without an account too. To ask again would take that very page away meanwhile. */
export function useKnownMe(): Me | undefined {
  return useQueryClient().getQueryData<Me>(['me']);
}

export const useSessions = (): ListState<SessionView> => useLiveList(LISTS.sessions);
export const useTemplates = (): ListState<TemplateView> => useLiveList(LISTS.templates);
export const useChanges = (): ListState<ChangeView> => useLiveList(LISTS.changes);
export const useGitSyncs = (options: { readonly enabled?: boolean } = {}): ListState<GitSyncView> =>
  useLiveList(LISTS.gitSyncs, options);

function useLiveList<T extends ListedObject>(
  definition: ListDefinition<T>,
  { enabled = true }: { readonly enabled?: boolean } = {},
): ListState<T> {
  const { live } = useGateway();
  useEffect(() => (enabled ? live.show(definition) : undefined), [live, definition, enabled]);
  const connection = useSyncExternalStore(live.subscribe, () => live.connection(definition));
  const query = useQuery({
    queryKey: definition.key,
    queryFn: () => live.first(definition),
    enabled,
    // The stream keeps it fresh; only a retry asks again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (query.data !== undefined) return { state: 'ready', list: query.data, connection };
  if (query.error !== null && !query.isFetching) {
    return { state: 'failed', error: toApiError(query.error), retry: () => void query.refetch() };
  }
  return { state: 'loading' };
}
