// What every command gets and owes: the answer on stdout, everything else on stderr, exit 0 done, 1 failed, 2 usage.
import type { Command } from 'commander';

export interface CliContext {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Colours are wanted on stdout: a terminal, and no NO_COLOR. */
  readonly color: boolean;
  /** The exit code when the command does not throw; 0 unless set. */
  setExitCode(code: number): void;
}

/** Adds one command to the program. A command throws `StreamSpaceError` for what it cannot do; `main` prints it. */
export type Register = (program: Command, context: CliContext) => void;
