// One smart-HTTP request through `git http-backend`: CGI (RFC 3875) on its side, streams with backpressure on ours.
import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { gitEnv } from './repository.ts';

export interface CgiHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The backend's own headers are a few hundred bytes; more than this is not a CGI answer. */
const MAX_HEAD_BYTES = 16 * 1024;

/** @throws StreamSpaceError `Internal` for what is not a CGI head */
export function parseCgiHead(text: string): CgiHead {
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^([A-Za-z0-9-]+):[ \t]*(.*)$/.exec(line);
    if (match === null) throw new StreamSpaceError('Internal', 'git http-backend sent a malformed header');
    const [, name = '', value = ''] = match;
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10) || 500;
    else headers.push([name, value]);
  }
  return { status, headers };
}

/** Reads up to the empty line; what has been read beyond it is put back into the stream. */
export async function readCgiHead(stream: Readable): Promise<CgiHead> {
  let seen = Buffer.alloc(0);
  for (;;) {
    const chunk: unknown = stream.read();
    if (Buffer.isBuffer(chunk)) {
      seen = Buffer.concat([seen, chunk]);
      const match = /\r?\n\r?\n/.exec(seen.toString('latin1'));
      if (match !== null) {
        stream.unshift(seen.subarray(match.index + match[0].length));
        return parseCgiHead(seen.toString('latin1', 0, match.index));
      }
      if (seen.length > MAX_HEAD_BYTES) throw new StreamSpaceError('Internal', 'the head of git http-backend has no end');
    } else if (stream.readableEnded || stream.destroyed) {
      throw new StreamSpaceError('Internal', 'git http-backend ended without an answer');
    } else {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          for (const name of ['readable', 'end', 'close']) stream.off(name, wake);
          resolve();
        };
        for (const name of ['readable', 'end', 'close']) stream.once(name, wake);
      });
    }
  }
}

export interface BackendRequest {
  readonly root: string;
  readonly user: string;
  /** Already checked: `/config.git/...`. */
  readonly path: string;
  readonly query: string;
  readonly signal: AbortSignal;
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

/** Resolves when the answer is complete. Rejects when either side breaks off; the process is ended then. */
export async function serveGit(request: IncomingMessage, response: ServerResponse, about: BackendRequest): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal: about.signal,
    killSignal: 'SIGTERM',
    env: {
      ...gitEnv(about.root),
      GIT_PROJECT_ROOT: about.root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: about.user,
      REMOTE_ADDR: request.socket.remoteAddress ?? '',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: about.path,
      QUERY_STRING: about.query,
      CONTENT_TYPE: header(request, 'content-type'),
      CONTENT_LENGTH: header(request, 'content-length'),
      HTTP_CONTENT_ENCODING: header(request, 'content-encoding'),
      GIT_PROTOCOL: /^[a-z0-9=:]{0,64}$/.test(header(request, 'git-protocol')) ? header(request, 'git-protocol') : '',
    },
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  // A client that leaves before git has answered aborts the process while nobody waits for its end yet.
  ended.catch(() => {});
  try {
    // git may answer and stop reading before the whole body is in; then writing fails and the answer says why.
    const sending = pipeline(request, child.stdin).catch(() => {});
    const head = await readCgiHead(child.stdout);
    response.writeHead(head.status, Object.fromEntries(head.headers));
    await pipeline(child.stdout, response);
    await Promise.all([sending, ended]);
  } finally {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended.catch(() => {});
  }
}
