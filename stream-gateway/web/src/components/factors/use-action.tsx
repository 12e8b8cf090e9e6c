// One thing that a form does: runs once at a time, and says why it failed.
import { type ReactNode, useState } from 'react';
import { explained, toApiError } from '../../api/problem.ts';

export interface Action {
  readonly busy: boolean;
  readonly failed: boolean;
  /** What went wrong, as an alert; null before. */
  readonly problem: ReactNode;
  readonly run: () => void;
}

/** @param wordsOf of a failure that no gateway has words for */
export function useAction(work: () => Promise<void>, wordsOf?: (error: unknown) => string | undefined): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (caught) {
      setError(wordsOf?.(caught) ?? explained(toApiError(caught)));
    } finally {
      setBusy(false);
    }
  };
  return {
    ...{ busy, failed: error !== null },
    problem:
      error === null ? null : (
        <p role="alert" className="ss-source-why">
          {error}
        </p>
      ),
    run: () => {
      if (!busy) void run();
    },
  };
}
