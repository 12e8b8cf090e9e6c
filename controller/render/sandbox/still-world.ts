// Runs inside the sandbox: a world without time, chance, files, network and processes. What really keeps the user's code in is
// Deno, which gives it no permission; this makes the result repeatable and the refusals readable.

interface DenoLike {
  readonly stdout: { writeSync(bytes: Uint8Array): number };
  readonly stderr: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
}

/** Taken before it is hidden: what the toolkit itself needs of Deno. */
export const host = (globalThis as unknown as { readonly Deno: DenoLike }).Deno;

class RenderDenied extends Error {
  override readonly name = 'RenderDenied';
}

function deny(what: string): never {
  throw new RenderDenied(`${what} is not available while a configuration is rendered`);
}

const START = Date.UTC(2000, 0, 1);

/** `new Date()` is always the same moment; a date that is given is that date. */
class StillDate extends Date {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(START);
    else super(...(given as [number]));
  }
  static override now(): number {
    return START;
  }
}

for (const name of [
  'fetch',
  'WebSocket',
  'EventSource',
  'Worker',
  'BroadcastChannel',
  'localStorage',
  'sessionStorage',
  'caches',
  'prompt',
  'confirm',
  'alert',
]) {
  const refuse = function refuse(): never {
    return deny(name);
  };
  Object.defineProperty(globalThis, name, { value: refuse, configurable: false, writable: false });
}
Object.defineProperty(globalThis, 'Date', { value: StillDate });
Object.defineProperty(globalThis, 'Deno', { value: new Proxy({}, { get: (_target, name) => deny(`Deno.${String(name)}`) }) });
performance.now = () => 0;

/** Everything printed goes to `write`; more than `limitBytes` is an error at the line that prints. */
export function createConsole(write: (bytes: Uint8Array) => void, limitBytes: number): object {
  let printed = 0;
  const encoder = new TextEncoder();
  const print = (...values: readonly unknown[]): void => {
    const bytes = encoder.encode(`${values.map(text).join(' ')}\n`);
    printed += bytes.length;
    if (printed > limitBytes)
      throw Object.assign(new Error(`it prints more than ${limitBytes / 1024 / 1024} MiB`), { name: 'RenderOutputTooLarge' });
    write(bytes);
  };
  const silent = (): void => undefined;
  return new Proxy(
    {},
    {
      get: (_target, name) => (['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'].includes(String(name)) ? print : silent),
    },
  );
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? value.message;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** As much of Node's `process` as libraries look at. */
export function createProcess(fail: (error: unknown) => never): object {
  const stream = {
    isTTY: false,
    write(chunk: unknown): boolean {
      console.log(String(chunk));
      return true;
    },
  };
  return {
    env: {},
    argv: ['deno', 'main.ts'],
    platform: 'linux',
    version: 'v24.0.0',
    versions: { node: '24.0.0' },
    pid: 1,
    stdout: stream,
    stderr: stream,
    cwd: () => '/',
    uptime: () => 0,
    hrtime: Object.assign(() => [0, 0], { bigint: () => 0n }),
    nextTick: (work: (...args: readonly unknown[]) => void, ...args: readonly unknown[]) => queueMicrotask(() => work(...args)),
    on: () => undefined,
    once: () => undefined,
    emitWarning: () => undefined,
    exit: (code = 0) => fail(new Error(`it ended itself with process.exit(${code})`)),
  };
}
