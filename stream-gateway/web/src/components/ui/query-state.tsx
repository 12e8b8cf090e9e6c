// What is asked once (not watched) in its states: loading, forbidden, failed, stale. Ready is the caller's.
import type { ReactNode } from 'react';
import { toApiError } from '../../api/problem.ts';
import { relativeTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Failed, Forbidden, Loading } from './states.tsx';
import { useNow } from './use-now.ts';

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isFetching: boolean;
  readonly dataUpdatedAt: number;
  refetch(): unknown;
}

export function QueryState<T>(props: {
  readonly query: Asked<T>;
  readonly failed: string;
  readonly forbidden: { readonly why: string; readonly who: string };
  readonly rows: number;
  readonly height: number;
  readonly children: (data: T) => ReactNode;
}) {
  const { query } = props;
  const error = query.error === null || query.error === undefined ? null : toApiError(query.error);
  if (error?.forbidden) return <Forbidden {...props.forbidden} />;
  if (query.data !== undefined) {
    return (
      <>
        {error === null ? null : <Stale since={query.dataUpdatedAt} retry={() => query.refetch()} />}
        {props.children(query.data)}
      </>
    );
  }
  if (error !== null && !query.isFetching) return <Failed title={props.failed} error={error} retry={() => query.refetch()} />;
  return <Loading rows={props.rows} height={props.height} />;
}

function Stale({ since, retry }: { readonly since: number; readonly retry: () => void }) {
  const now = useNow(10_000);
  return (
    <p className="ss-warning" role="status">
      {text.source.stale(relativeTime(since, Math.max(now, since)))}{' '}
      <button type="button" className="ss-link-button" onClick={retry}>
        {text.states.retry}
      </button>
    </p>
  );
}
