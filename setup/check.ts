// `npm run check`: what CI runs before the tests, in two lanes side by side, each in its order and up to its first failure.
import { fileURLToPath } from 'node:url';
import { exitCodeOf } from './program.ts';

/** Names of scripts in package.json. What takes about as long as all others together has a lane of its own. */
const LANES = [['types:parts'], ['format:check', 'types:page', 'imports', 'unused', 'generate:check']] as const;

export interface CheckOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** @returns the exit code of a step that failed, or 0 */
export async function check(options: CheckOptions): Promise<number> {
  const codes = await Promise.all(LANES.map((steps) => inOrder(steps, options)));
  return codes.find((code) => code !== 0) ?? 0;
}

async function inOrder(steps: readonly string[], { env, report, signal }: CheckOptions): Promise<number> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  for (const step of steps) {
    const startedAt = performance.now();
    const code = await exitCodeOf('npm', ['run', '--silent', step], { cwd, env, signal });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    report(`check ${step.padEnd(15)} ${code === 0 ? 'ok    ' : 'FAILED'} ${seconds} s`);
    if (code !== 0) return code;
  }
  return 0;
}
