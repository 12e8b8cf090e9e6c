// Progress of the set-up on stderr: stdout belongs to the answer of the command that follows.
import { StreamSpaceError } from '../schemas/errors.ts';

/** One line about something that is really being done; what is there already is not reported. */
export type Report = (line: string) => void;

const TICK_MS = 10_000;

/** Says every ten seconds that the work goes on, and how long it took. */
export async function timed<T>(what: string, report: Report, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  report(what);
  const timer = setInterval(() => report(`${what}: ${seconds()} s so far`), TICK_MS);
  try {
    const result = await work();
    report(`${what}: done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** As the command prints it: code, words, remedy. */
export function errorText(error: unknown): string {
  if (error instanceof StreamSpaceError) return `error ${error.code}: ${error.message}\n  remedy: ${error.entry.remedy}\n`;
  return `error Internal: ${error instanceof Error ? error.message : String(error)}\n`;
}
