// The routes of recordings on a port of their own, with the rights of a real API server, a database of their own and objects in
// memory. Who asks stands in a header.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Router } from 'express';
import type { Database } from '../../runtime/db/database.ts';
import type { OwnedKubeClient } from '../../runtime/kube/client.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import { EVERYTHING } from '../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { Decisions } from '../../stream-gateway/auth/decisions.ts';
import type { RequireStepUp } from '../../stream-gateway/auth/step-up.ts';
import { apiRouter } from '../../stream-gateway/http/api-router.ts';
import { createApp } from '../../stream-gateway/http/app.ts';
import { createHttpMetrics } from '../../stream-gateway/http/http-metrics.ts';
import { recordingActionRoutes } from '../../stream-gateway/http/routes/recordings/recording-actions.ts';
import { recordingBytesRoutes } from '../../stream-gateway/http/routes/recordings/recording-bytes.ts';
import { recordingRoutes } from '../../stream-gateway/http/routes/recordings/recordings.ts';
import { segmentReader } from '../../stream-gateway/recording/library/objects.ts';
import { dataKeyReader } from '../../stream-gateway/recording/library/opened-segment.ts';

export interface RecordingsServer extends AsyncDisposable {
  readonly events: AuditEvent[];
  readonly objects: Map<string, Buffer>;
  get(person: string, path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(person: string, path: string, body: unknown): Promise<Response>;
}

export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  admin: ['platform-admins'],
  auditor: ['auditors'],
  investigator: ['auditors', 'legal'],
};

/** A page of a person who signed in lately, as a browser asks for it. */
export const IN_PAGE = { 'x-via': 'sign-in', 'x-credential': 'sign-in:new', 'sec-fetch-dest': 'empty' };

export async function recordingsServer(db: Database, client: OwnedKubeClient, now: () => Date): Promise<RecordingsServer> {
  const events: AuditEvent[] = [];
  const objects = new Map<string, Buffer>();
  const log = createLogger({ name: 'test', level: 'silent' });
  const decisions = new Decisions({ client, now: () => performance.now() });
  const audit = async (event: AuditEvent): Promise<void> => void events.push(event);
  const kept: Parameters<typeof dataKeyReader>[1] = {
    get: async (key, { range }) => {
      const bytes = objects.get(key);
      if (bytes === undefined) throw new StreamSpaceError('NotFound', `there is no object ${key}`);
      return range === undefined ? bytes : bytes.subarray(range.from, range.to);
    },
  };
  const stepUp: RequireStepUp = async ({ via, credential }, _address, { anyway }) => {
    if (anyway === true && (via !== 'sign-in' || credential !== 'sign-in:new'))
      throw new StreamSpaceError('StepUpRequired', 'a sign-in within the last minutes is needed');
  };
  const ports = {
    ...{ db, now, audit, wakeDeletion: () => undefined },
    asking: {
      ask: (...question: Parameters<Decisions['ask']>) => decisions.ask(...question),
      allowed: (...question: Parameters<Decisions['allowed']>) => decisions.allowed(...question),
    },
    readSegment: segmentReader(kept),
    dataKeyOf: dataKeyReader(client, kept),
    stepUp,
  };
  const app = createApp({
    headers: { publicUrl: 'https://desktops.example.com', issuers: () => ['https://id.example.com'] },
    guards: [],
    health: Router(),
    auth: Router(),
    api: apiRouter({
      routes: [...recordingRoutes(ports), ...recordingBytesRoutes(ports), ...recordingActionRoutes(ports)],
      authenticate: async ({ headers }) => {
        const name = String(headers['x-person']);
        const person = { name, displayName: name, groups: GROUPS[name] ?? [] };
        const credential = String(headers['x-credential'] ?? 'api-key:1');
        return headers['x-via'] === 'sign-in'
          ? { via: 'sign-in', person, credential, csrfToken: '' }
          : { via: 'api-key', person, credential, scopes: [EVERYTHING], addresses: [], expiresAt: new Date(8.64e15) };
      },
      ...{ audit, stepUp },
      waiting: async () => undefined,
      limitWrites: async () => undefined,
    }),
    page: Router(),
    log,
    duration: createHttpMetrics(createRegistry('gateway'), { watchedLists: () => 0 }).duration,
    trustedProxies: [],
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/api/v1/recordings`;
  return {
    events,
    objects,
    get: (person, path, headers = {}) => fetch(`${url}${path}`, { headers: { 'x-person': person, ...headers } }),
    post: (person, path, body) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'x-person': person, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
