// An HTTP proxy in front of the API server that fails on demand, and a kubeconfig that leads through it. It signs in as whoever
// the given kubeconfig says, so what goes through needs no credential.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Agent } from 'undici';
import { readKubeconfig } from '../../runtime/kube/kubeconfig.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly at: number;
  /** Changes the cluster: a dry-run does not. */
  readonly writes: boolean;
}

export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** The connection breaks before the API server hears of it, or after it has done it. */
  | 'reset'
  | 'reset-afterwards'
  /** Nothing comes any more, and the connection stays open. */
  | 'silence';

export interface ApiProxy extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly requests: ProxiedRequest[];
  /** Asked for each request, before it is sent on. */
  fault: (request: ProxiedRequest) => Fault | undefined | Promise<Fault | undefined>;
}

export async function startApiProxy(kubeconfig: string): Promise<ApiProxy> {
  const target = await readKubeconfig(kubeconfig);
  const { ca, certificate: cert, key } = target;
  const agent = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0, connect: { ca, cert, key } });
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-proxy-'));
  const token = await target.token();
  const proxy = { requests: [] as ProxiedRequest[], fault: (): Fault | undefined => undefined };
  const state: Omit<ApiProxy, 'kubeconfig' | keyof AsyncDisposable> = proxy;

  const answer = async (req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    const body = await buffer(req);
    const { method = 'GET', url = '/' } = req;
    const writes = !['GET', 'HEAD'].includes(method) && !/[?&]dryRun=/.test(url) && !url.includes('accessreviews');
    const request: ProxiedRequest = { method, url, at: performance.now(), writes };
    state.requests.push(request);
    const fault = await state.fault(request);
    if (fault === 'reset') return void req.socket.destroy();
    if (fault === 'silence') return res.flushHeaders();
    if (typeof fault === 'object') {
      res.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body ?? '{}');
      return;
    }
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      'transfer-encoding': _encoding,
      ...headers
    } = req.headers;
    const gone = new AbortController();
    res.on('close', () => gone.abort());
    const upstream = await agent.request({
      origin: target.origin,
      path: `${target.prefix}${url}`,
      method: method as 'GET',
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      signal: gone.signal,
      ...(body.length === 0 ? {} : { body }),
    });
    if (fault === 'reset-afterwards') {
      await upstream.body.dump();
      return void req.socket.destroy();
    }
    const { 'transfer-encoding': _chunked, connection: _kept, ...told } = upstream.headers;
    res.writeHead(upstream.statusCode, told);
    await pipeline(upstream.body, res);
  };
  const server = http.createServer((req, res) => {
    // What breaks on either side breaks the other: a client that went away, an API server that did.
    answer(req, res).catch(() => req.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const path = join(folder, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(path, JSON.stringify(kubeconfigOf(url)));
  return Object.assign(state, {
    kubeconfig: path,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

function kubeconfigOf(server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'proxy',
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }],
    clusters: [{ name: 'proxy', cluster: { server } }],
    users: [{ name: 'proxy', user: {} }],
  };
}
