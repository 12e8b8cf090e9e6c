// For tests: an HTTP server on a free loopback port that answers as a script says, and a kubeconfig that points at it.
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type Answer = (response: ServerResponse, request: SeenRequest) => void;

export interface ScriptedServer extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly requests: SeenRequest[];
}

/** Each request is answered by `answer`; a watch stays open until the script ends it. */
export async function scriptedServer(answer: Answer, user: Readonly<Record<string, unknown>> = {}): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      requests.push(request);
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(tmpdir(), `streamspace-kubeconfig-${randomUUID()}`);
  await writeFile(kubeconfig, kubeconfigFor(`http://127.0.0.1:${port}`, user));
  return {
    kubeconfig,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(kubeconfig);
    },
  };
}

/** JSON is YAML. */
export function kubeconfigFor(server: string, user: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user }],
  });
}

export function answerJson(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** A meta/v1 Status, as the API server sends it. */
export function answerStatus(response: ServerResponse, code: number, reason: string, headers: Record<string, string> = {}): void {
  answerJson(response, { kind: 'Status', status: 'Failure', code, reason, message: `${reason} it is` }, code, headers);
}
