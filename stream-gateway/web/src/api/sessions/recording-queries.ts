// What the page reads of recordings; asked again while something is being recorded, which makes them longer.
import {
  keepPreviousData,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { RecordingsSearch } from '../../routes/search.ts';
import { useGateway } from '../context.tsx';
import type { RecordingDetail, RecordingMark, RecordingSegment, SessionRecording } from './recordings-api.ts';

const FIRST: string | null = null;
const LIVE_EVERY_MS = 10_000;

/** Newest first, a page at a time. */
export function useRecordings(filter: RecordingsSearch) {
  const { api } = useGateway();
  return useInfiniteQuery({
    queryKey: ['recordings', filter],
    queryFn: ({ pageParam, signal }) => api.recordings(filter, pageParam, signal),
    initialPageParam: FIRST,
    getNextPageParam: ({ metadata }) => metadata.continue ?? null,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some(({ state }) => state === 'Recording')) === true ? LIVE_EVERY_MS : false,
  });
}

export function useRecording(id: string): UseQueryResult<RecordingDetail> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['recording', id],
    queryFn: ({ signal }) => api.recording(id, signal),
    refetchInterval: ({ state: { data } }) => (data?.state === 'Recording' ? LIVE_EVERY_MS : false),
  });
}

/** @param count of segments: another one is a reason to ask again */
export function useRecordingSegments(id: string, count: number, opened: boolean) {
  const { api } = useGateway();
  return useInfiniteQuery({
    queryKey: ['recording-segments', id, count],
    queryFn: ({ pageParam, signal }) => api.recordingSegments(id, pageParam, signal),
    initialPageParam: FIRST,
    getNextPageParam: ({ metadata }) => metadata.continue ?? null,
    enabled: opened,
  });
}

/** What a player needs to know of a recording; while it grows, what was known stays. */
export function useRecordingIndex({ id, segments }: RecordingDetail): UseQueryResult<{
  readonly segments: readonly RecordingSegment[];
  readonly marks: readonly RecordingMark[];
}> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['recording-index', id, segments],
    queryFn: async ({ signal }) => {
      const [closed, marks] = await Promise.all([api.everySegment(id, signal), api.everyMark(id, signal)]);
      return { segments: closed, marks };
    },
    placeholderData: keepPreviousData,
  });
}

export type RecordingAction = 'hold' | 'release' | 'delete';

/** With a reason each; what is shown is read anew. */
export function useRecordingAction(id: string) {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ action, reason }: { readonly action: RecordingAction; readonly reason: string }) =>
      action === 'delete'
        ? await api.deleteRecording(id, reason)
        : await api.holdRecording(id, { held: action === 'hold', reason }),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['recording', id] });
      await queries.invalidateQueries({ queryKey: ['recordings'] });
    },
  });
}

interface SessionName {
  readonly namespace: string;
  readonly name: string;
}

export function useSessionRecording(session: SessionName, enabled: boolean): UseQueryResult<SessionRecording> {
  const { api } = useGateway();
  return useQuery({
    queryKey: ['session-recording', session.namespace, session.name],
    queryFn: ({ signal }) => api.sessionRecording(session, signal),
    enabled,
  });
}

export function useAnswerConsent(session: SessionName) {
  const { api } = useGateway();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (agreed: boolean) => await api.consentToRecording(session, agreed),
    onSettled: () => queries.invalidateQueries({ queryKey: ['session-recording', session.namespace, session.name] }),
  });
}

export function useRecordByHand(session: SessionName) {
  const { api } = useGateway();
  return useMutation({ mutationFn: async (record: boolean) => await api.recordSession(session, record) });
}
