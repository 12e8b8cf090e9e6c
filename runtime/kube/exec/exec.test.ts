// Commands in a container over a scripted API server that speaks v5.channel.k8s.io; test/integration has the real one.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createExec, type Exec, type ExecRequest } from './exec.ts';
import { exitCodeOf } from './exec-socket.ts';

const SUCCESS = JSON.stringify({ kind: 'Status', status: 'Success' });
const failure = (code: string): string =>
  JSON.stringify({
    ...{ kind: 'Status', status: 'Failure', reason: 'NonZeroExitCode', message: `exit ${code}` },
    details: { causes: [{ reason: 'ExitCode', message: code }] },
  });

let dispose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of dispose) await each();
  dispose = [];
});

async function execOver(answer: (socket: WebSocket, request: IncomingMessage) => void): Promise<Exec> {
  const server = createServer();
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
  });
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined);
    answer(socket, request);
  });
  return await withServer(server);
}

async function withServer(server: ReturnType<typeof createServer>): Promise<Exec> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'exec-'));
  const { port } = server.address() as AddressInfo;
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
  };
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(config));
  dispose.push(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return createExec(join(folder, 'kubeconfig'));
}

const say = (channel: number, text: string): Buffer => Buffer.concat([Buffer.of(channel), Buffer.from(text)]);

function wish(more: Partial<ExecRequest> = {}): ExecRequest & { readonly output: () => string } {
  let output = '';
  return {
    ...{ namespace: 'team-web', pod: 'one-0', container: 'desktop', command: ['sh', '-c', 'echo "a b"'] },
    signal: new AbortController().signal,
    onOutput: (chunk) => {
      output += chunk.toString();
    },
    output: () => output,
    ...more,
  };
}

test('the command goes word by word, and output, errors and exit code come back', async () => {
  let url = '';
  let authorization: string | undefined;
  const exec = await execOver((socket, request) => {
    url = request.url ?? '';
    authorization = request.headers.authorization;
    socket.send(say(1, 'out'));
    socket.send(say(2, 'trouble'));
    socket.send(say(1, 'put'));
    socket.send(say(3, failure('13')));
    socket.close();
  });
  const request = wish();
  expect(await exec(request)).toEqual({ exitCode: 13, stderr: 'trouble' });
  expect(request.output()).toBe('output');
  expect(authorization).toBe('Bearer secret');
  const { pathname, searchParams } = new URL(url, 'http://x');
  expect(pathname).toBe('/api/v1/namespaces/team-web/pods/one-0/exec');
  expect(searchParams.getAll('command')).toEqual(['sh', '-c', 'echo "a b"']);
  expect([searchParams.get('container'), searchParams.get('stdin')]).toEqual(['desktop', 'false']);
});

test('input is sent in order and then closed', async () => {
  const received: Buffer[] = [];
  const exec = await execOver((socket) => {
    socket.on('message', (data: Buffer) => {
      received.push(data);
      if (data[0] === 255) socket.send(say(3, SUCCESS), () => socket.close());
    });
  });
  const stdin = (async function* () {
    yield Buffer.alloc(100_000, 'a');
    yield Buffer.from('end');
  })();
  expect(await exec(wish({ stdin }))).toMatchObject({ exitCode: 0 });
  expect(received.at(-1)).toEqual(Buffer.of(255, 0));
  const input = received.slice(0, -1);
  expect(input.every((message) => message[0] === 0)).toBe(true);
  expect(Buffer.concat(input.map((message) => message.subarray(1))).toString()).toBe(`${'a'.repeat(100_000)}end`);
});

test('output waits for whoever takes it, in order, and all of it is there before the end', async () => {
  const exec = await execOver((socket) => {
    for (let index = 0; index < 50; index += 1) socket.send(say(1, `${index} `));
    socket.send(say(3, SUCCESS));
    socket.close();
  });
  let busy = 0;
  let output = '';
  const onOutput = async (chunk: Buffer): Promise<void> => {
    busy += 1;
    expect(busy).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    output += chunk.toString();
    busy -= 1;
  };
  await exec(wish({ onOutput }));
  expect(output).toBe(Array.from({ length: 50 }, (_, index) => `${index} `).join(''));
});

test('a command whose error output does not end is ended', async () => {
  const exec = await execOver((socket) => {
    const flood = say(2, 'x'.repeat(1024 * 1024));
    const more = (): void =>
      socket.send(flood, (error) => (error === undefined || error === null ? setImmediate(more) : undefined));
    more();
  });
  await expect(exec(wish())).rejects.toMatchObject({ code: 'ClusterUnreachable' });
});

test('a server that has said how it ended but does not close is not waited for', async () => {
  const exec = await execOver((socket) => socket.send(say(3, SUCCESS)));
  const before = performance.now();
  expect(await exec(wish())).toMatchObject({ exitCode: 0 });
  expect(performance.now() - before).toBeLessThan(5_000);
});

describe('what goes wrong', () => {
  test('a connection that ends before the command is no success', async () => {
    const exec = await execOver((socket) => {
      socket.send(say(1, 'half'));
      socket.close();
    });
    await expect(exec(wish())).rejects.toMatchObject({ code: 'ClusterUnreachable' });
  });

  test('a refusal has the words of the API server', async () => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => {
      const body = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'pods is forbidden' });
      socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    const exec = await withServer(server);
    await expect(exec(wish())).rejects.toMatchObject({ statusCode: 403, reason: 'Forbidden', message: 'pods is forbidden' });
  });

  test('what the taker of the output throws ends the command, and so does the signal', async () => {
    const exec = await execOver((socket) => socket.send(say(1, 'out')));
    const onOutput = async (): Promise<void> => {
      throw new Error('enough');
    };
    await expect(exec(wish({ onOutput }))).rejects.toThrow('enough');
    const stopped = new AbortController();
    const silent = await execOver(() => stopped.abort(new Error('stopped')));
    await expect(silent(wish({ signal: stopped.signal }))).rejects.toThrow('stopped');
  });
});

test.each([
  [SUCCESS, 0],
  [failure('127'), 127],
])('the exit code of %s', (text, code) => {
  expect(exitCodeOf(text)).toBe(code);
});

test.each(['', '{', '[]', failure('x'), JSON.stringify({ status: 'Failure', reason: 'InternalError', message: 'not found' })])(
  'without an exit code the command did not run: %s',
  (text) => {
    expect(() => exitCodeOf(text)).toThrow();
  },
);
