// The shares of a session, read again while somebody looks at them, and what is done with them.
import { type UseMutationResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ShareCreate, ShareCreated } from '../../../../../schemas/api/sharing.ts';
import type { ObjectName } from '../client.ts';
import { useGateway } from '../context.tsx';

/** Who is in through which share changes without the page. */
const READ_EVERY_MS = 3_000;

const keyOf = ({ namespace, name }: ObjectName) => ['shares', namespace, name];

export function useShares(session: ObjectName) {
  const { api } = useGateway();
  return useQuery({
    queryKey: keyOf(session),
    queryFn: ({ signal }) => api.shares(session, signal),
    refetchInterval: ({ state }) => (state.status === 'success' ? READ_EVERY_MS : false),
  });
}

export function useSharedSessions() {
  const { api } = useGateway();
  return useQuery({ queryKey: ['shared-sessions'], queryFn: ({ signal }) => api.sharedSessions(signal), staleTime: 10_000 });
}

export function useCreateShare(session: ObjectName): UseMutationResult<ShareCreated, Error, ShareCreate> {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (share) => api.createShare(session, share),
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(session) }),
  });
}

export type ShareAction =
  | { readonly act: 'revoke'; readonly share: string }
  | { readonly act: 'viewOnly'; readonly share: string };

export function useShareAction(session: ObjectName): UseMutationResult<void, Error, ShareAction> {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ act, share }) =>
      act === 'revoke' ? api.revokeShare(session, share) : api.changeShare(session, share, { mode: 'View' }),
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(session) }),
  });
}

export type PeopleAction =
  | { readonly act: 'give' | 'take' | 'kick' | 'admit' | 'deny'; readonly id: string }
  | { readonly act: 'ask'; readonly asking: boolean };

export function usePeopleAction(session: ObjectName): UseMutationResult<void, Error, PeopleAction> {
  const { api } = useGateway();
  return useMutation({
    mutationFn: (action) => {
      switch (action.act) {
        case 'give':
          return api.decideControl(session, action.id, 'Given');
        case 'take':
          return api.decideControl(session, action.id, 'Taken');
        case 'kick':
          return api.kick(session, action.id);
        case 'admit':
          return api.decideVisit(session, action.id, 'Admitted');
        case 'deny':
          return api.decideVisit(session, action.id, 'Denied');
        case 'ask':
          return api.requestControl(session, action.asking);
      }
    },
  });
}
