// Where a program is that does not end: it is run once more under V8's inspector and looked at a few times. Best effort: an
// answer helps to find the loop, none is no failure.
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { killGroup, type SandboxCommand, startSandbox, watchMemory } from './sandbox-process.ts';

interface Frame {
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
}
interface InspectorMessage {
  readonly method?: string;
  readonly params?: { readonly callFrames?: readonly Frame[]; readonly scriptId?: string; readonly url?: string };
}

/** From the start; a slow machine takes long to come to the user's code. */
const SAMPLE_MS = 6_000;
/** After the user's code was seen first: long enough to be past what it does only once. */
const SETTLE_MS = 1_500;
const EVERY_MS = 150;

/** A stack in V8's form of the last look in which the user's bundle was running, or an empty text. */
export async function sampleStack(
  command: SandboxCommand,
  limits: { readonly memoryMb: number },
  signal: AbortSignal,
): Promise<string> {
  const child = startSandbox(command);
  const watching = watchMemory(child, limits.memoryMb, () => killGroup(child));
  child.stdout.resume();
  let socket: WebSocket | undefined;
  try {
    const address = await inspectorAddress(child.stderr, signal);
    if (address === undefined) return '';
    socket = new WebSocket(address);
    return await sample(socket, signal);
  } catch {
    signal.throwIfAborted();
    return '';
  } finally {
    socket?.close();
    watching.stop();
    killGroup(child);
  }
}

async function inspectorAddress(stderr: AsyncIterable<Buffer>, signal: AbortSignal): Promise<string | undefined> {
  let text = '';
  for await (const chunk of stderr) {
    signal.throwIfAborted();
    text = (text + chunk.toString('utf8')).slice(-4096);
    const address = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(text)?.[0];
    if (address !== undefined) return address;
  }
  return undefined;
}

async function sample(socket: WebSocket, signal: AbortSignal): Promise<string> {
  let seen = '';
  let seenAt: number | undefined;
  let app: string | undefined;
  let id = 0;
  const ask = (method: string): void => {
    id += 1;
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id, method }));
  };
  socket.addEventListener('message', ({ data }) => {
    const { method, params } = JSON.parse(String(data)) as InspectorMessage;
    if (method === 'Debugger.scriptParsed' && params?.url?.endsWith('/app.mjs') === true) app = params.scriptId;
    if (method !== 'Debugger.paused') return;
    const frames = (params?.callFrames ?? []).filter(({ location }) => location.scriptId === app);
    if (frames.length > 0) {
      seenAt ??= performance.now();
      seen = frames.map(({ location }) => `at app.mjs:${location.lineNumber + 1}:${location.columnNumber + 1}`).join('\n');
    }
    ask('Debugger.resume');
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new TypeError('the inspector does not answer')), { once: true });
  });
  ask('Debugger.enable');
  const startedAt = performance.now();
  while (socket.readyState === WebSocket.OPEN && performance.now() - startedAt < SAMPLE_MS) {
    if (seenAt !== undefined && performance.now() - seenAt > SETTLE_MS) break;
    await delay(EVERY_MS, signal);
    ask('Debugger.pause');
  }
  return seen;
}
