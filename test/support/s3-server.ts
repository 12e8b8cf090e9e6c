// A real S3 server for a test, with a proxy before it that can be told to fail. Ends with `await using`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cacheFolder } from '../../local/state/state.ts';
import { s3ServerFolder } from '../../setup/test-programs.ts';
import { S3Storage } from '../../stream-gateway/recording/storage/s3-storage.ts';
import { temporaryFolder } from './recording.ts';
import { freePort } from './xvnc.ts';

export interface S3Server extends AsyncDisposable {
  readonly storage: S3Storage;
  /** What requests meet from now on: `slow` gives no answer. */
  behave(how: 'well' | 'failing' | 'slow'): void;
  /** Requests so far. */
  readonly requests: () => number;
}

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'recorder', AWS_SECRET_ACCESS_KEY: 'secret-of-the-recorder' } as const;
const BUCKET = 'recordings';

export async function startS3Server(options: { readonly timeoutMs?: number } = {}): Promise<S3Server> {
  const folder = await temporaryFolder();
  const [data, meta] = [join(folder.path, 'data'), join(folder.path, 'meta')];
  await mkdir(join(data, BUCKET), { recursive: true });
  await mkdir(meta, { recursive: true });
  const port = await freePort();
  const args = ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', meta, data];
  const program = join(s3ServerFolder(cacheFolder(process.env, process.cwd())), 'versitygw');
  const server = spawn(program, args, {
    env: { ROOT_ACCESS_KEY: CREDENTIALS.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: CREDENTIALS.AWS_SECRET_ACCESS_KEY },
    stdio: 'ignore',
  });
  await untilListening(port);
  // The way in which the gateway gets them, too.
  Object.assign(process.env, CREDENTIALS);

  let how: 'well' | 'failing' | 'slow' = 'well';
  let requests = 0;
  const proxy = createServer((req, res) => {
    requests += 1;
    req.on('error', () => undefined);
    if (how === 'slow') return;
    if (how === 'failing') {
      req.resume();
      res.writeHead(500, { 'content-type': 'application/xml' }).end('<Error><Code>InternalError</Code></Error>');
      return;
    }
    const passed = request({ host: '127.0.0.1', port, method: req.method, path: req.url, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    passed.on('error', () => res.destroy());
    req.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    storage: new S3Storage({ bucket: BUCKET, region: 'us-east-1', endpoint: `http://127.0.0.1:${address.port}`, ...options }),
    behave: (next) => {
      how = next;
    },
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      server.kill('SIGKILL');
      await once(server, 'exit');
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await wait(25);
  }
  throw new Error(`nothing listens on port ${port}`);
}
