// The health of an installation whose parts are broken one after another: a gateway of the test's own behind a door that passes,
// slows and refuses what it is told to.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, inject, test } from 'vitest';
import type { HealthReport } from '../../schemas/api/health.ts';
import { apiAs } from '../support/api.ts';
import { ownGateway } from '../support/own-gateway.ts';

const servers = inject('servers');

/** As a proxy in front of the gateway: passes requests on, and upgrades unless it is told to refuse them. */
async function startDoor(): Promise<AsyncDisposable & { readonly url: string; target: string; passesUpgrades: boolean }> {
  const state = { target: '', passesUpgrades: true };
  const server = http.createServer((req, res) => {
    const { method, headers } = req;
    const upstream = http.request(new URL(req.url ?? '/', state.target), { method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    upstream.on('error', () => res.destroy());
    req.pipe(upstream);
  });
  server.on('upgrade', (req, socket, head) => {
    if (!state.passesUpgrades) return void socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const { hostname, port } = new URL(state.target);
    const upstream = net.connect(Number(port), hostname, () => {
      const lines = req.rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${req.rawHeaders[at + 1]}`] : []));
      upstream.write(`GET ${req.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [upstream, socket]) {
      each.on('error', () => {
        upstream.destroy();
        socket.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** In front of the database: everything that it says comes later. */
async function slowDatabase(databaseUrl: string): Promise<AsyncDisposable & { readonly url: string; delayMs: number }> {
  const state = { delayMs: 0 };
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    client.pipe(upstream);
    upstream.on('data', (bytes) => void setTimeout(() => client.write(bytes), state.delayMs));
    for (const each of [client, upstream]) {
      sockets.add(each);
      each
        .on('error', () => undefined)
        .on('close', () => {
          client.destroy();
          upstream.destroy();
        });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return Object.assign(state, {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Looked {
  readonly codes: readonly string[];
  readonly report: HealthReport;
}

async function look(own: typeof servers, headers: Readonly<Record<string, string>> = {}): Promise<Looked> {
  const { status, body } = await apiAs(own, 'admin').get<HealthReport>('/health', headers);
  expect(status).toBe(200);
  return { codes: body.findings.map(({ code }) => code), report: body };
}

test('P-00-3 each broken part is a finding with a stable code and a remedy: database, WebSocket, proxy, public address', async () => {
  await using door = await startDoor();
  await using database = await slowDatabase(servers.databaseUrl);
  await using gateway = await ownGateway({ ...servers, databaseUrl: database.url }, [`--public-url=${door.url}`]);
  door.target = gateway.servers.url;

  const well = await look(gateway.servers);
  for (const code of [
    'DatabaseSlow',
    'PublicUrlElsewhere',
    'PublicUrlUnreachable',
    'WebSocketBlocked',
    'ProxyNotTrusted',
    'ControllerAway',
  ])
    expect(well.codes).not.toContain(code);
  expect(well.report.parts.map(({ part }) => part)).toContain('webSocket');

  database.delayMs = 300;
  door.passesUpgrades = false;
  await expect
    .poll(async () => (await look(gateway.servers, { 'x-forwarded-for': '203.0.113.9' })).codes, {
      timeout: 20_000,
      interval: 500,
    })
    .toEqual(expect.arrayContaining(['WebSocketBlocked', 'DatabaseSlow', 'ProxyNotTrusted']));
  database.delayMs = 0;

  // The address leads to another installation: to a server that is no gateway, and to nowhere.
  await using stranger = await startStranger();
  door.target = stranger.url;
  const finding = async (code: string) => (await look(gateway.servers)).report.findings.find((each) => each.code === code);
  await expect
    .poll(() => finding('PublicUrlElsewhere'), { timeout: 20_000, interval: 500 })
    .toMatchObject({
      severity: 'error',
      part: 'address',
      message: expect.stringContaining(door.url),
      remedy: expect.stringContaining('--public-url'),
    });
  stranger.installation = randomUUID();
  await expect
    .poll(async () => (await finding('PublicUrlElsewhere'))?.message, { timeout: 20_000, interval: 500 })
    .toContain('another installation');
  await door[Symbol.asyncDispose]();
  await expect
    .poll(async () => (await look(gateway.servers)).codes, { timeout: 20_000, interval: 500 })
    .toContain('PublicUrlUnreachable');
});

async function startStranger(): Promise<AsyncDisposable & { readonly url: string; installation: string | undefined }> {
  const state: { installation: string | undefined } = { installation: undefined };
  const server = http.createServer((_req, res) => {
    if (state.installation === undefined) res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
    else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ installation: state.installation }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

test('the installation of the tests itself is well, but for what it is known not to do', async () => {
  const { report } = await look(servers);
  expect(report.findings.filter(({ severity, part }) => severity === 'error' && part !== 'objects')).toEqual([]);
  expect(report.findings.map(({ code }) => code)).toContain('VolumeSizeNotEnforced');
});
