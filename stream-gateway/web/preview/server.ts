// For work on the page without a cluster: serves dist/ and a made-up /api/v1 with live lists that react to what one does.
// It has no sign-in, no rights and forgets everything. Nothing that is shipped uses it.
//
//   npm run build:web && node --conditions=source stream-gateway/web/preview/server.ts [--port 8080] [--scenario full|admin|empty|failed|signed-out]
//                                                                              [--vnc 127.0.0.1:5901]
//
// With --vnc (a VNC server with security None) desktops show its picture. `vite stream-gateway/web` proxies here, too.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';
import { answer, openLists } from './api.ts';
import { SCENARIOS, worldOf } from './world.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    scenario: { type: 'string', default: 'full' },
    vnc: { type: 'string' },
  },
});
const scenario = SCENARIOS.find((name) => name === values.scenario) ?? 'full';
const lists = openLists(worldOf(scenario, Date.now()), scenario);
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** As the gateway sends it, so that a page that breaks it is seen here. */
const policyWith = (nonce: string): string =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; connect-src 'self' ws:; object-src 'none'`;

const server = createServer((request, response) => {
  void handle(request, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error));
  });
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://preview');
  if (url.pathname.startsWith('/api/') || url.pathname.startsWith('/auth/')) {
    await answer(lists, request, response, url);
    return;
  }
  const path = join(dist, normalize(url.pathname));
  const file = extname(path) === '' ? join(dist, 'index.html') : path;
  const body = await readFile(file).catch(() => null);
  if (body === null) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const nonce = randomBytes(16).toString('base64url');
  response
    .writeHead(200, { 'content-type': type, 'content-security-policy': policyWith(nonce), 'cache-control': 'no-store' })
    .end(extname(file) === '.html' ? body.toString().replaceAll('{{style-nonce}}', nonce) : body);
}

const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'binary' });
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (browser) => {
    const [host = '', port = ''] = (values.vnc ?? '').split(':');
    if (port === '') {
      browser.close(1013, 'DesktopUnreachable');
      return;
    }
    const desktop = connect(Number(port), host);
    desktop.on('data', (bytes) => browser.send(bytes));
    desktop.on('close', () => browser.close(1013, 'DesktopUnreachable'));
    desktop.on('error', () => browser.close(1013, 'DesktopUnreachable'));
    browser.on('message', (bytes: Buffer) => desktop.write(bytes));
    browser.on('close', () => desktop.destroy());
  });
});

server.listen(Number(values.port), '127.0.0.1', () => {
  process.stdout.write(`preview of "${scenario}" at http://127.0.0.1:${values.port}\n`);
});
