// Who may know of a recording, watch it, hold and delete it: the rights of a real API server, narrowed by the policy of the recording.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import type { RecordingDetail, RecordingList, RecordingSegmentList } from '../../schemas/api/recordings.ts';
import type { RecordingRules } from '../../schemas/kinds/policies/recording-rules.ts';
import { addSegment, finish, joined } from '../../stream-gateway/store/recordings/write.ts';
import { provenWithin } from '../../stream-gateway/store/sign-ins.ts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database.ts';
import { begunRecording, RULES, START, segment, timeAt } from '../support/recordings.ts';
import { IN_PAGE, type RecordingsServer, recordingsServer } from '../support/recordings-server.ts';

/** `member` owns it, `viewer` was in; both are of the team. `lead` is its admin. */
const PEOPLE = ['member', 'viewer', 'lead', 'auditor', 'investigator', 'admin', 'stranger'] as const;
const BYTES = Buffer.from('the bytes of a segment, as they were stored');

let fresh: FreshDatabase;
let client: OwnedKubeClient;
let server: RecordingsServer;
beforeAll(async () => {
  const servers = inject('servers');
  fresh = await freshDatabase(servers);
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  server = await recordingsServer(fresh.db, client, () => START);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
  await fresh[Symbol.asyncDispose]();
});
beforeEach(() => void server.events.splice(0));

/** One segment that is closed, and the next one open. @param ends whether it has ended */
async function recorded(rules: Partial<RecordingRules> = {}, ends = true): Promise<string> {
  const { db } = fresh;
  const { id, keyPrefix, session } = await begunRecording(db, { rules: { ...RULES, ...rules } });
  await joined(db, session.uid, 'viewer');
  const sha256 = createHash('sha256').update(BYTES).digest('hex');
  await addSegment(db, id, segment(1, { bytes: BYTES.length, sha256, events: [{ atMs: 5, kind: 'input' }] }));
  server.objects.set(`${keyPrefix}/segment-1.rec`, BYTES);
  if (ends) await finish(db, id, { state: 'Complete', endedAt: timeAt(60_000) });
  return id;
}

const codeOf = async (answer: Response): Promise<unknown> => {
  const body = (await answer.json()) as { readonly code?: string };
  return body.code;
};

/** Those who get the bytes, and that each of them, and nobody else, is in the audit. */
async function watchersOf(id: string): Promise<readonly string[]> {
  const watchers: string[] = [];
  for (const person of PEOPLE) {
    const answer = await server.get(person, `/${id}/segments/1`, IN_PAGE);
    if (answer.status === 200) watchers.push(person);
    else expect(await codeOf(answer)).toBe(person === 'stranger' ? 'NotFound' : 'RecordingViewForbidden');
  }
  const viewed = server.events.filter(({ type }) => type === 'recording.viewed').map(({ actor }) => actor);
  const refused = server.events.filter(({ type }) => type === 'request.refused').map(({ actor }) => actor);
  expect(viewed).toEqual(watchers);
  expect([...watchers, ...refused, 'stranger'].toSorted()).toEqual(PEOPLE.toSorted());
  return watchers;
}

describe('G-64 exactly those with the right watch, and every view is audited', () => {
  test.each([
    [
      'whoever has the right',
      ['Owner', 'Participant', 'Auditor'],
      ['member', 'viewer', 'lead', 'auditor', 'investigator', 'admin'],
    ],
    ['the owner alone', ['Owner'], ['member']],
    ['participants alone', ['Participant'], ['viewer']],
    ['auditors alone', ['Auditor'], ['lead', 'auditor', 'investigator', 'admin']],
    ['of those with the right a group', ['group:legal'], ['investigator']],
    ['nobody', [], []],
  ])('%s', async (_whom, viewers, watchers) => {
    expect(await watchersOf(await recorded({ viewers }))).toEqual(watchers);
  });

  test('a stranger does not learn that there is one: not in the list, not by its id, not by its parts', async () => {
    const id = await recorded();
    for (const part of ['', '/segments', '/events', '/segments/1'])
      expect((await server.get('stranger', `/${id}${part}`)).status).toBe(404);
    const listed = async (person: string): Promise<boolean> => {
      const { items } = (await (await server.get(person, '?limit=200')).json()) as RecordingList;
      return items.some((item) => item.id === id);
    };
    for (const person of PEOPLE) expect([person, await listed(person)]).toEqual([person, person !== 'stranger']);
    // To know of it is no view.
    expect(server.events.filter(({ type }) => type === 'recording.viewed')).toEqual([]);
  });

  test('with download off it is watched in the page, and neither a key nor its address gets it', async () => {
    const id = await recorded({ download: false });
    const path = `/${id}/segments/1`;
    expect((await server.get('auditor', path, IN_PAGE)).status).toBe(200);
    expect(await codeOf(await server.get('auditor', path))).toBe('RecordingDownloadOff');
    const opened = await server.get('auditor', path, { ...IN_PAGE, 'sec-fetch-dest': 'document' });
    expect([opened.status, await codeOf(opened)]).toEqual([403, 'RecordingDownloadOff']);
    const { may } = (await (await server.get('auditor', `/${id}`)).json()) as RecordingDetail;
    expect(may).toMatchObject({ watch: true, download: false });
  });
});

describe('P-03-1 a view is audited, and a step-up is asked where policy says so', () => {
  test('with person and range, once for a segment that is read in pieces, and the page of the recording tells it', async () => {
    const id = await recorded();
    for (const range of ['bytes=0-9', 'bytes=10-']) await server.get('auditor', `/${id}/segments/1`, { ...IN_PAGE, range });
    expect(server.events).toMatchObject([
      {
        type: 'recording.viewed',
        actor: 'auditor',
        object: `Recording/team-web/${id}`,
        details: { session: 'one', segment: 1, startMs: 0, endMs: 60_000, download: false },
      },
    ]);
    const { views } = (await (await server.get('member', `/${id}`)).json()) as RecordingDetail;
    expect(views).toMatchObject([{ person: 'auditor', startMs: 0, endMs: 60_000, segments: 1, download: false }]);
  });

  test('an old sign-in and a key are refused, a fresh sign-in passes', async () => {
    const id = await recorded({ stepUp: true });
    const path = `/${id}/segments/1`;
    expect(await codeOf(await server.get('auditor', path))).toBe('StepUpRequired');
    expect(await codeOf(await server.get('auditor', path, { ...IN_PAGE, 'x-credential': 'sign-in:old' }))).toBe('StepUpRequired');
    expect((await server.get('auditor', path, IN_PAGE)).status).toBe(200);
  });

  test('a sign-in is fresh for as long as it is asked to be', async () => {
    const { db } = fresh;
    await db.query(`insert into people (name, display_name) values ('p', 'P')`);
    const [row] = await db.query<{ id: string }>(
      `insert into sign_ins (secret_hash, person, authenticated_at, idle_after, expires_at)
       values ('x', 'p', now() - interval '10 minutes', now() + interval '1 day', now() + interval '1 day') returning id`,
    );
    expect(await provenWithin(db, `sign-in:${row?.id}`, 11 * 60_000, 'sign-in')).toBe(true);
    expect(await provenWithin(db, `sign-in:${row?.id}`, 9 * 60_000, 'sign-in')).toBe(false);
    expect(await provenWithin(db, 'api-key:1', 11 * 60_000, 'sign-in')).toBe(false);
  });
});

test('the bytes of a segment have their hash as ETag and come in ranges; one that is not closed is not there', async () => {
  const id = await recorded();
  const path = `/${id}/segments/1`;
  const whole = await server.get('member', path);
  expect(Buffer.from(await whole.arrayBuffer())).toEqual(BYTES);
  const etag = whole.headers.get('etag') ?? '';
  expect(etag).toBe(`"${createHash('sha256').update(BYTES).digest('hex')}"`);
  const part = await server.get('member', path, { range: 'bytes=4-8', 'if-range': etag });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    `bytes 4-8/${BYTES.length}`,
    'bytes',
  ]);
  expect((await server.get('member', path, { range: 'bytes=4-8', 'if-range': '"other"' })).status).toBe(200);
  const beyond = await server.get('member', path, { range: 'bytes=999-' });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${BYTES.length}`]);
  expect((await server.get('member', `/${id}/segments/2`)).status).toBe(404);
});

test('what is being recorded is there up to the last closed segment, and grows', async () => {
  const id = await recorded({}, false);
  const now = async () => (await (await server.get('member', `/${id}`)).json()) as RecordingDetail;
  expect(await now()).toMatchObject({ state: 'Recording', durationMs: 60_000, segments: 1, endedAt: null, may: { watch: true } });
  await addSegment(fresh.db, id, segment(2));
  expect(await now()).toMatchObject({ durationMs: 120_000, segments: 2 });
  const { items } = (await (await server.get('member', `/${id}/segments?continue=1`)).json()) as RecordingSegmentList;
  expect(items).toMatchObject([{ number: 2, startMs: 60_000, sha256: segment(2).sha256 }]);
  expect(items[0]).not.toHaveProperty('file');
});

test('who has the right holds and deletes, with a reason; nobody else does, and a held one is not deleted', async () => {
  const id = await recorded();
  for (const person of ['member', 'lead'])
    expect((await server.post(person, `/${id}/hold`, { held: true, reason: 'mine' })).status).toBe(403);
  expect((await server.post('auditor', `/${id}/hold`, { held: true })).status).toBe(400);
  const held = await server.post('auditor', `/${id}/hold`, { held: true, reason: 'case 7' });
  expect(await held.json()).toMatchObject({ hold: { by: 'auditor', reason: 'case 7' }, may: { delete: false } });
  expect((await server.post('auditor', `/${id}/deletion`, { reason: 'gone' })).status).toBe(403);
  expect(await codeOf(await server.post('admin', `/${id}/deletion`, { reason: 'gone' }))).toBe('RecordingHeld');
  await server.post('admin', `/${id}/hold`, { held: false, reason: 'closed' });
  const deleted = await server.post('admin', `/${id}/deletion`, { reason: 'asked for' });
  expect([deleted.status, await deleted.json()]).toMatchObject([
    202,
    { state: 'Deleted', deleted: { by: 'admin', reason: 'asked for' }, may: { watch: false, hold: false } },
  ]);
  expect(await codeOf(await server.get('admin', `/${id}/segments/1`, IN_PAGE))).toBe('RecordingDeleted');
  const told = server.events.filter(({ type }) => type.startsWith('recording.'));
  expect(told.map(({ type, actor, result, details }) => [type, actor, result, details?.['reason']])).toEqual([
    ['recording.held', 'auditor', 'failure', undefined],
    ['recording.held', 'auditor', 'success', 'case 7'],
    ['recording.deletion-requested', 'admin', 'failure', undefined],
    ['recording.held', 'admin', 'success', 'closed'],
    ['recording.deletion-requested', 'admin', 'success', 'asked for'],
  ]);
});
