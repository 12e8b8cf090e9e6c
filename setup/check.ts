// `npm run check`: what CI runs before the tests, in its order, up to the first failure.
import { fileURLToPath } from 'node:url';
import { exitCodeOf } from './program.ts';

/** Names of scripts in package.json. */
const STEPS = ['format:check', 'types', 'imports', 'unused', 'generate:check'] as const;

export interface CheckOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** @returns the exit code of the first step that failed, or 0 */
export async function check({ env, report, signal }: CheckOptions): Promise<number> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  for (const step of STEPS) {
    const startedAt = performance.now();
    const code = await exitCodeOf('npm', ['run', '--silent', step], { cwd, env, signal });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    report(`check ${step.padEnd(15)} ${code === 0 ? 'ok    ' : 'FAILED'} ${seconds} s`);
    if (code !== 0) return code;
  }
  return 0;
}
