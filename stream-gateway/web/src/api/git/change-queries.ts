// Change requests as queries of the page.
import { type UseMutationResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isDone } from '../../../../../schemas/kinds/changes/change-request.ts';
import { awaitsItsTime } from '../../model/git/changes.ts';
import type { ObjectName } from '../client.ts';
import { useGateway } from '../context.tsx';
import type { ChangeCreate, ChangeReviewWish, ChangeView, EditableName } from './changes-api.ts';

/** The list is live without diffs; one that is still going on is asked for again. */
const AGAIN_MS = 4_000;
/** One whose time is still to come. */
const AGAIN_LATER_MS = 15_000;

export function useChange(change: ObjectName) {
  const { api } = useGateway();
  return useQuery({
    queryKey: keyOf(change),
    queryFn: ({ signal }) => api.change(change, signal),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || !isDone(data) ? AGAIN_MS : awaitsItsTime(data) && AGAIN_LATER_MS,
  });
}

/** Asked for anew each time: what was edited before may be merged by now. */
export function useEditable(object: EditableName) {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['editable', object.kind, object.namespace ?? null, object.name],
    queryFn: ({ signal }) => api.editable(object, signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}

/** Where it stands in Git, for whoever may ask for a change of it; an error where it stands in none. */
export function useOriginOf(object: EditableName) {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['origin', object.kind, object.namespace ?? null, object.name],
    queryFn: async ({ signal }) => (await api.editable(object, signal)).origin,
    retry: false,
    refetchOnWindowFocus: false,
  });
}

export function useAskForChange(namespace: string): UseMutationResult<ChangeView, Error, ChangeCreate> {
  const { api } = useGateway();
  return useMutation({ mutationFn: (change) => api.askForChange(namespace, change) });
}

export function useReviewChange(change: ObjectName): UseMutationResult<ChangeView, Error, ChangeReviewWish> {
  const { api } = useGateway();
  const store = useStore(change);
  return useMutation({ mutationFn: (wish) => api.reviewChange(change, wish), onSuccess: store });
}

export function useWithdrawChange(change: ObjectName): UseMutationResult<ChangeView, Error, void> {
  const { api } = useGateway();
  const store = useStore(change);
  return useMutation({ mutationFn: () => api.withdrawChange(change), onSuccess: store });
}

function useStore(change: ObjectName): (view: ChangeView) => void {
  const queries = useQueryClient();
  return (view) => queries.setQueryData(keyOf(change), view);
}

function keyOf({ namespace, name }: ObjectName): readonly string[] {
  return ['change', namespace, name];
}
