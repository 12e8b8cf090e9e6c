// What the page does. Each answers into the cache at once, so the next page does not wait for the event.
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import type { SessionView } from '../../../../schemas/api/api.ts';
import type { SessionState } from '../../../../schemas/kinds/sessions/session.ts';
import type { ObjectName } from './client.ts';
import { useGateway } from './context.tsx';
import { type LiveList, put, remove } from './live/watch-events.ts';
import { LISTS } from './queries.ts';

export function useCreateSession(): UseMutationResult<
  SessionView,
  Error,
  { readonly namespace: string; readonly template: string }
> {
  const { api } = useGateway();
  const store = useStoreSession();
  return useMutation({
    mutationFn: ({ namespace, template }) => api.createSession(namespace, { spec: { template } }),
    onSuccess: store,
  });
}

export function useSetSessionState(): UseMutationResult<
  SessionView,
  Error,
  { readonly session: ObjectName; readonly desiredState: SessionState }
> {
  const { api } = useGateway();
  const store = useStoreSession();
  return useMutation({
    mutationFn: ({ session, desiredState }) => api.setSessionState(session, desiredState),
    onSuccess: store,
  });
}

export function useSnooze(): UseMutationResult<void, Error, ObjectName> {
  const { api } = useGateway();
  return useMutation({ mutationFn: (session) => api.snooze(session) });
}

export function useDeleteSession(): UseMutationResult<void, Error, ObjectName & { readonly uid: string }> {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (session) => api.deleteSession(session),
    onSuccess: (_nothing, session) =>
      queries.setQueryData<LiveList<SessionView>>(LISTS.sessions.key, (list) =>
        list === undefined ? undefined : remove(list, session),
      ),
  });
}

export function useRequestSync(): UseMutationResult<void, Error, ObjectName> {
  const { api } = useGateway();
  return useMutation({ mutationFn: (gitSync) => api.requestSync(gitSync) });
}

/** Also resumes. */
export function useSuspendSync(): UseMutationResult<void, Error, ObjectName & { readonly suspend: boolean }> {
  const { api } = useGateway();
  return useMutation({ mutationFn: ({ suspend, ...sync }) => (suspend ? api.suspendSync(sync) : api.resumeSync(sync)) });
}

export function useConfirmDeletions(): UseMutationResult<void, Error, ObjectName & { readonly revision: string }> {
  const { api } = useGateway();
  return useMutation({ mutationFn: ({ revision, ...sync }) => api.confirmDeletions(sync, revision) });
}

/** The answer may be older than an event that has passed it; the newer object stays. */
function useStoreSession(): (session: SessionView) => void {
  const queries = useQueryClient();
  return (session) => {
    queries.setQueryData<LiveList<SessionView>>(LISTS.sessions.key, (list) => {
      if (list === undefined) return undefined;
      const known = list.items.find(({ metadata }) => metadata.uid === session.metadata.uid);
      if (known !== undefined && isOlder(session, known)) return list;
      return put(list, session, Date.now());
    });
  };
}

function isOlder(a: SessionView, b: SessionView): boolean {
  // Kubernetes 1.35 on: resource versions of one kind are decimal numbers that can be compared.
  const [left, right] = [a.metadata.resourceVersion, b.metadata.resourceVersion];
  return left.length === right.length ? left < right : left.length < right.length;
}
