// The audit log on its way to other systems, with a real database and real receivers.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { appendEvents } from '../../runtime/audit/append-events.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { type DeliveryPorts, deliverTo } from '../../stream-gateway/audit/sinks/delivery.ts';
import { type HttpsOptions, httpsSink } from '../../stream-gateway/audit/sinks/https.ts';
import { objectsSink } from '../../stream-gateway/audit/sinks/objects.ts';
import type { Deliver } from '../../stream-gateway/audit/sinks/sink.ts';
import { syslogSink } from '../../stream-gateway/audit/sinks/syslog.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import { claimSink, sinkStates } from '../../stream-gateway/store/event-sinks.ts';
import { auditEvent } from '../support/audit-world.ts';
import { ROOT } from '../support/command.ts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database.ts';
import { type Certificates, certificates, httpsReceiver, syslogReceiver } from '../support/receivers.ts';
import { temporaryFolder } from '../support/recording.ts';
import { eventually } from '../support/wait.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const now = (): Date => new Date();
let fresh: FreshDatabase;
let tls: Certificates;

beforeAll(async () => {
  fresh = await freshDatabase(inject('servers'));
  tls = await certificates();
});
afterAll(async () => {
  await fresh[Symbol.asyncDispose]();
  await tls[Symbol.asyncDispose]();
});

/** Begins at the end of the log. @returns writes events of these actors */
async function begin(sink: string): Promise<(...actors: readonly string[]) => Promise<void>> {
  await claimSink(fresh.db, sink, 'nobody');
  await expire(sink);
  return async (...actors) =>
    await appendEvents(
      fresh.db,
      actors.map((actor) => auditEvent({ actor, object: 'Session/team-web/one' })),
    );
}

/** As if the time of whoever holds it were over. */
const expire = (sink: string) => fresh.db.query("update event_sinks set held_until = '-infinity' where name = $1", [sink]);

function delivering(sink: string, deliver: Deliver, more: Partial<DeliveryPorts> = {}): AsyncDisposable {
  const stop = new AbortController();
  const waits = { idleMs: 10, otherMs: 10, firstRetryMs: 10, maxRetryMs: 40, timeoutMs: 2_000 };
  const ports = { db: fresh.db, log, holder: `test-${sink}`, now, onLag: () => undefined, waits, ...more };
  const ended = deliverTo(sink, async () => deliver, ports, stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

const https = (url: string, more: Partial<HttpsOptions> = {}): Deliver =>
  httpsSink({
    url,
    format: 'Json',
    authentication: { type: 'None' },
    caBundle: tls.ca,
    source: 'here',
    now,
    allowLoopback: true,
    ...more,
  });

const actorsIn = (bodies: readonly { readonly body: string }[]): readonly string[] =>
  bodies.flatMap(({ body }) => (JSON.parse(body) as { actor: string }[]).map(({ actor }) => actor));

test('syslog messages come over TLS by their lengths, in order, with any text in them', async () => {
  const write = await begin('siem/tls');
  await using receiver = await syslogReceiver(tls);
  await using _ = delivering(
    'siem/tls',
    syslogSink({ host: '127.0.0.1', port: receiver.port, tls: true, caBundle: tls.ca, allowLoopback: true }),
  );
  await write('ada', 'zo\u00eb \u{1f600}\n<13>1 forged', 'bob');
  await eventually('all are there', async () => receiver.messages.length === 3);
  expect(receiver.messages[1]).toMatch(/^<110>1 20\d\d-[\dT:.-]+Z \S+ streamspace - signout - \ufeff\{"seq":\d+,/);
  const events = receiver.messages.map(
    (message) => JSON.parse(message.slice(message.indexOf('\ufeff') + 1)) as { actor: string },
  );
  expect(events.map(({ actor }) => actor)).toEqual(['ada', 'zo\u00eb \u{1f600}\n<13>1 forged', 'bob']);
});

test('a receiver whose certificate is signed by somebody else gets nothing, and the sink says why', async () => {
  const write = await begin('siem/stranger');
  await using receiver = await syslogReceiver(tls);
  const sink = syslogSink({ host: '127.0.0.1', port: receiver.port, tls: true, allowLoopback: true });
  await using _ = delivering('siem/stranger', sink);
  await write('ada');
  await eventually('it is told', async () =>
    (await sinkStates(fresh.db, ['siem/stranger'])).get('siem/stranger')?.problem?.includes('certificate'),
  );
  expect(receiver.messages).toEqual([]);
});

test('a batch is signed as Standard Webhooks are, and is one of CloudEvents', async () => {
  const write = await begin('siem/signed');
  await using receiver = await httpsReceiver(tls);
  const authentication = { type: 'Hmac', secret: 'k' } as const;
  await using _ = delivering('siem/signed', https(receiver.url, { format: 'CloudEvents', authentication }));
  await write('ada');
  const { headers, body } = await eventually('it has come', async () => receiver.requests[0]);
  expect(headers['content-type']).toBe('application/cloudevents-batch+json');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', 'k').update(signed).digest('base64')}`);
  expect(JSON.parse(body)).toMatchObject([
    {
      specversion: '1.0',
      source: 'here',
      type: 'io.streamspace.audit.signout',
      subject: 'Session/team-web/one',
      data: { actor: 'ada' },
    },
  ]);
});

test('a receiver that refuses, redirects or says nothing is offered the same again, in order, and others do not wait for it', async () => {
  const write = await begin('siem/refusing');
  await begin('siem/other');
  await using refusing = await httpsReceiver(tls);
  await using other = await syslogReceiver();
  refusing.answer(503);
  await using _one = delivering('siem/refusing', https(refusing.url));
  await using _two = delivering(
    'siem/other',
    syslogSink({ host: '127.0.0.1', port: other.port, tls: false, allowLoopback: true }),
  );
  await write('ada', 'bob');
  await eventually('the other has them', async () => other.messages.length === 2);
  await eventually('it is told', async () =>
    (await sinkStates(fresh.db, ['siem/refusing'])).get('siem/refusing')?.problem?.includes('status 503'),
  );
  refusing.answer(302);
  await eventually('it is told of the redirect', async () =>
    (await sinkStates(fresh.db, ['siem/refusing'])).get('siem/refusing')?.problem?.includes('status 302'),
  );
  await write('eve');
  refusing.answer(204);
  await eventually('nothing is wrong any more', async () => {
    const state = (await sinkStates(fresh.db, ['siem/refusing'])).get('siem/refusing');
    return state?.problem === null && actorsIn(refusing.requests).at(-1) === 'eve';
  });
  const last = actorsIn(refusing.requests).slice(-3);
  expect(last).toEqual(['ada', 'bob', 'eve']);
});

test('a process that is killed before it knows of the answer sends the batch again, and none is left out', async () => {
  const write = await begin('siem/https');
  await using receiver = await httpsReceiver(tls);
  const start = (holder: string) =>
    spawn(process.execPath, ['--conditions=source', `${ROOT}test/support/audit-sink-main.ts`], {
      env: { ...process.env, DATABASE_URL: fresh.url, URL: receiver.url, CA: tls.ca, HOLDER: holder },
      stdio: 'ignore',
    });
  const first = start('first');
  await write('a', 'b');
  await eventually('the first batch is taken', async () => actorsIn(receiver.requests).includes('b'), { timeoutMs: 30_000 });
  receiver.answer('silent');
  await write('c', 'd');
  await eventually('the second has arrived', async () => actorsIn(receiver.requests).includes('c'));
  first.kill('SIGKILL');
  await once(first, 'exit');
  receiver.answer(204);
  await write('e');
  await expire('siem/https');
  const second = start('second');
  await eventually('the rest is there', async () => actorsIn(receiver.requests).includes('e'), { timeoutMs: 30_000 });
  second.kill('SIGKILL');
  await once(second, 'exit');
  const actors = actorsIn(receiver.requests);
  expect([...new Set(actors)]).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(actors.slice(actors.lastIndexOf('c'))).toEqual(['c', 'd', 'e']);
});

test('of two replicas one delivers, and the other goes on where it ended', async () => {
  const write = await begin('siem/two');
  await using receiver = await httpsReceiver(tls);
  {
    await using _one = delivering('siem/two', https(receiver.url), { holder: 'one' });
    await write('a');
    await eventually('it is there', async () => receiver.requests.length === 1);
    await using _two = delivering('siem/two', https(receiver.url), { holder: 'two' });
    await write('b', 'c');
    await eventually('they are there', async () => actorsIn(receiver.requests).includes('c'));
  }
  await using _three = delivering('siem/two', https(receiver.url), { holder: 'three' });
  await write('d');
  await eventually('the last is there', async () => actorsIn(receiver.requests).includes('d'));
  expect(actorsIn(receiver.requests)).toEqual(['a', 'b', 'c', 'd']);
});

test('objects are gzip, named by day and numbers, and hold each event once', async () => {
  const write = await begin('siem/objects');
  await using folder = await temporaryFolder();
  const storage = new FolderStorage(folder.path);
  await using _ = delivering('siem/objects', objectsSink(storage, 'audit/test'));
  await write('ada', 'bob');
  const signal = new AbortController().signal;
  const keys = await eventually('an object is there', async () => {
    const found: string[] = [];
    for await (const { key } of storage.list('audit/test', { signal })) found.push(key);
    return found.length > 0 && found;
  });
  expect(keys).toEqual([expect.stringMatching(/^audit\/test\/\d{4}\/\d\d\/\d\d\/\d{16}-\d{16}\.jsonl\.gz$/)]);
  const lines = gunzipSync(await storage.get(keys[0] ?? '', { signal }))
    .toString()
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { actor: string }).actor)).toEqual(['ada', 'bob']);
});

test.each([
  'https://127.0.0.1:1/',
  'https://[::1]:1/',
  'https://[::ffff:169.254.169.254]/',
  'https://169.254.169.254/',
  'https://localhost:4433/',
])('no sink reaches %s', async (url) => {
  const sink = httpsSink({ url, format: 'Json', authentication: { type: 'None' }, source: 'here', now });
  await expect(sink([], new AbortController().signal)).rejects.toThrow(/of this machine or link-local/);
});
