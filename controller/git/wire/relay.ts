// What stands between the child `git fetch` or `git push` and a repository over http(s): it speaks to us on loopback, we speak to the server.
// So credentials, certificates, deadlines, redirects and size limits are ours alone, and no child ever sees a secret.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitRequest, HttpRemote } from './http.ts';

export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** For git: who has it may speak through us. */
  readonly config: Readonly<Record<string, string>>;
  /** What the server did wrong, where it did. */
  failure(): StreamSpaceError | undefined;
}

/** What a child asks of a repository: to give, or to take. */
export type GitService = 'git-upload-pack' | 'git-receive-pack';

function requestsOf(service: GitService): readonly Pick<GitRequest, 'method' | 'path'>[] {
  return [
    { method: 'GET', path: `/info/refs?service=${service}` },
    { method: 'POST', path: `/${service}` },
  ];
}
const PASSED = ['accept', 'content-type', 'content-encoding', 'git-protocol'];

/**
 * @param greeting what the server would say first, where that is known: one question less
 */
export async function startRelay(
  remote: HttpRemote,
  greeting: Buffer | undefined,
  signal: AbortSignal,
  service: GitService = 'git-upload-pack',
): Promise<Relay> {
  const requests = requestsOf(service);
  const secret = randomBytes(24).toString('hex');
  let failed: StreamSpaceError | undefined;
  const answer = async (req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    const known = requests.find(({ method, path }) => method === req.method && req.url === `/repository${path}`);
    if (known === undefined || req.headers['x-streamspace-relay'] !== secret) {
      res.writeHead(404).end();
      return;
    }
    if (greeting !== undefined && known.method === 'GET') {
      res.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' }).end(greeting);
      return;
    }
    try {
      const headers = Object.fromEntries(
        PASSED.flatMap((name) => (req.headers[name] === undefined ? [] : [[name, String(req.headers[name])]])),
      );
      const { body, contentType } = await remote.request(
        { ...known, headers, ...(known.method === 'POST' ? { body: req } : {}) },
        signal,
      );
      res.writeHead(200, { 'content-type': contentType });
      await pipeline(Readable.from(body), res);
    } catch (error) {
      if (error instanceof StreamSpaceError) failed ??= error;
      if (res.headersSent) res.destroy();
      else res.writeHead(502).end();
    }
  };
  const server = http.createServer({ requestTimeout: 0 }, (req, res) => void answer(req, res));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/repository`,
    config: { 'http.extraHeader': `X-StreamSpace-Relay: ${secret}` },
    failure: () => failed,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
