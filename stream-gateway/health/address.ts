// Checks of the public address, from outside: the gateway calls itself the way a browser would, so that DNS, proxy and certificate
// are all in between.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { healthProbe, PROBE_PROTOCOL, PROBE_SOCKET_PATH } from '../../schemas/api/health.ts';
import type { HealthCheck, Problem } from './check.ts';

export const PROBE_PATH = '/api/v1/health/probe';

/** An answer of somebody else may be of any length. */
const MAX_ANSWER_BYTES = 4_096;

export interface AddressPorts {
  /** Without a path. */
  readonly publicUrl: string;
  /** Rejects while the database is away: then it is not known whose answer would be right. */
  readonly installation: () => Promise<string>;
}

export function addressChecks({ publicUrl, installation }: AddressPorts): readonly HealthCheck[] {
  const own = (): Promise<string | undefined> => installation().catch(() => undefined);
  return [
    {
      part: 'address',
      late: 'PublicUrlUnreachable',
      run: async (signal) => [...insecure(publicUrl), ...(await reachable(publicUrl, await own(), signal))],
    },
    {
      part: 'webSocket',
      late: 'WebSocketBlocked',
      run: async (signal) => {
        const why = await socketProblem(publicUrl, await own(), signal);
        return why === undefined ? [] : [{ code: 'WebSocketBlocked', message: `${publicUrl} passes no WebSocket: ${why}` }];
      },
    },
  ];
}

/** Browsers take the own machine for secure (W3C Secure Contexts, 3.1). */
export function insecure(publicUrl: string): readonly Problem[] {
  const { protocol, hostname } = new URL(publicUrl);
  const isOwnMachine = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || isOwnMachine) return [];
  return [{ code: 'PublicUrlInsecure', message: `${publicUrl} is not encrypted` }];
}

async function reachable(publicUrl: string, own: string | undefined, signal: AbortSignal): Promise<readonly Problem[]> {
  let response: Response;
  try {
    response = await fetch(`${publicUrl}${PROBE_PATH}`, { redirect: 'manual', signal, headers: { accept: 'application/json' } });
  } catch (error) {
    if (signal.aborted) throw error;
    return [{ code: 'PublicUrlUnreachable', message: `${publicUrl} cannot be reached: ${reasonOf(error)}` }];
  }
  const elsewhere = (what: string): readonly Problem[] => [{ code: 'PublicUrlElsewhere', message: `${publicUrl} ${what}` }];
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    return elsewhere(`leads on to ${printable(response.headers.get('location') ?? 'somewhere else')}`);
  }
  const answer = healthProbe.safeParse(parsed(await beginningOf(response)));
  // A gateway that drains, or has just lost its database, is still the right one.
  if (!answer.success)
    return response.status === 503 ? [] : elsewhere(`is answered by something else, with the status ${response.status}`);
  if (own === undefined || answer.data.installation === own) return [];
  return elsewhere('is answered by another installation of StreamSpace');
}

/** @returns why none can be opened; undefined: one was, and it said again what it was told */
async function socketProblem(publicUrl: string, own: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  const url = `${publicUrl.replace(/^http/, 'ws')}${PROBE_SOCKET_PATH}`;
  const socket = new WebSocket(url, PROBE_PROTOCOL, { origin: publicUrl, maxPayload: MAX_ANSWER_BYTES, followRedirects: false });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const word = crypto.randomUUID();
  const stop = (): void => resolve('there was no answer in time');
  signal.addEventListener('abort', stop);
  socket
    .on('open', () => socket.send(word))
    .on('unexpected-response', (request: ClientRequest, { statusCode }: IncomingMessage) => {
      request.destroy();
      resolve(`the answer was ${statusCode} in place of 101`);
    })
    .on('error', (error) => resolve(reasonOf(error)))
    .on('close', (code) => resolve(`it was closed at once, with the code ${code}`))
    .on('message', (data) => {
      const said = String(data);
      if (said === word) resolve(undefined);
      else if (own !== undefined && said !== own) resolve('another server answers');
    });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.terminate();
  }
}

async function beginningOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) break;
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is at the bottom of a failed connection: `fetch failed` alone helps nobody. */
function reasonOf(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  // Of several addresses of a name each has its own reason.
  if (at instanceof AggregateError && at.errors.length > 0) return at.errors.map(reasonOf).join(', ');
  return at instanceof Error ? printable(at.message) : 'the connection failed';
}

function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200);
}
