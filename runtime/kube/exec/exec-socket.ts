// The WebSocket on which the API server runs a command in a container (subprotocol v5.channel.k8s.io: the first byte of a message
// is its channel; 255 closes one, which the versions before could not say: kubernetes#89899).
import { WebSocket } from 'ws';
import * as z from 'zod';
import type { AuditIds } from '../audit-id.ts';
import { statusError } from '../kube-status-error.ts';
import type { ClusterTarget } from '../kubeconfig.ts';
import { pathOf } from '../paths.ts';
import { RESOURCES } from '../resources.ts';

const PROTOCOL = 'v5.channel.k8s.io';
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Goes to the container as it is; no shell is added. */
  readonly command: readonly string[];
}

export interface ExecStreams extends ExecTarget {
  readonly stdin: boolean;
  /** With a terminal there is no stderr of its own. Default false. */
  readonly tty?: boolean;
}

/** @param auditIds so that our audit log does not tell it a second time */
export async function openExecSocket(
  target: ClusterTarget,
  streams: ExecStreams,
  auditIds: AuditIds | undefined,
): Promise<WebSocket> {
  const { namespace, pod, container, command, stdin, tty = false } = streams;
  const query = new URLSearchParams({ container, stdin: String(stdin), stdout: 'true', stderr: String(!tty), tty: String(tty) });
  for (const word of command) query.append('command', word);
  const path = pathOf(RESOURCES.pods, { namespace, name: pod, subresource: 'exec' });
  const token = await target.token();
  return new WebSocket(`${target.origin.replace(/^http/, 'ws')}${target.prefix}${path}?${query}`, PROTOCOL, {
    headers: {
      'user-agent': 'streamspace',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(auditIds === undefined ? {} : { 'audit-id': auditIds.make({ method: 'GET', path }) }),
    },
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: 15_000,
    rejectUnauthorized: !target.insecure,
    ...(target.ca === undefined ? {} : { ca: target.ca }),
    ...(target.certificate === undefined ? {} : { cert: target.certificate }),
    ...(target.key === undefined ? {} : { key: target.key }),
    ...(target.servername === undefined ? {} : { servername: target.servername }),
  });
}

/** Tells what the API server answered instead of opening the socket. */
export function whenRefused(socket: WebSocket, refused: (error: unknown) => void): void {
  socket.on('unexpected-response', (_request, response) => {
    response.setEncoding('utf8');
    let body = '';
    response.on('data', (text: string) => {
      body = (body + text).slice(0, 64 * 1024);
    });
    response.on('end', () => refused(statusError(response.statusCode ?? 0, body)));
  });
}

const statusShape = z.object({
  status: z.string(),
  message: z.string().default(''),
  reason: z.string().default(''),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().default(''), message: z.string().default('') })).default([]) })
    .optional(),
});

/** Of the Status on the error channel. @throws KubeStatusError where the command could not be run at all */
export function exitCodeOf(text: string): number {
  const status = statusShape.safeParse(jsonOf(text)).data;
  if (status?.status === 'Success') return 0;
  const code = status?.details?.causes.find(({ reason }) => reason === 'ExitCode')?.message;
  if (status?.reason === 'NonZeroExitCode' && code !== undefined && /^\d{1,3}$/.test(code)) return Number(code);
  throw statusError(500, text);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
