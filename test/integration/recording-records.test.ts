// What a player is sent of a recording: records that are opened by the gateway, to whom may watch, and noted before they go.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { RecordingRules } from '../../schemas/kinds/policies/recording-rules.ts';
import { createDataKey, keyIdOf } from '../../stream-gateway/recording/format/data-key.ts';
import { signManifest } from '../../stream-gateway/recording/format/manifest.ts';
import { OpenedRecordReader } from '../../stream-gateway/recording/format/opened-record.ts';
import { SegmentWriter } from '../../stream-gateway/recording/format/segment-writer.ts';
import { addSegment } from '../../stream-gateway/store/recordings/write.ts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database.ts';
import { SIGNING_KEYS } from '../support/recording-replicas.ts';
import { begunRecording, RULES, START, segment } from '../support/recordings.ts';
import { IN_PAGE, type RecordingsServer, recordingsServer } from '../support/recordings-server.ts';

const WRAPPING_KEY = Buffer.alloc(32, 5);
const SECRET = { namespace: 'team-web', name: `records-${randomUUID().slice(0, 6)}`, key: 'key' };

let fresh: FreshDatabase;
let client: OwnedKubeClient;
let server: RecordingsServer;
beforeAll(async () => {
  const servers = inject('servers');
  fresh = await freshDatabase(servers);
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  server = await recordingsServer(fresh.db, client, () => START);
  await createSecret();
});
afterAll(async () => {
  await client.delete(RESOURCES.secrets, SECRET.namespace, SECRET.name);
  await server[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
  await fresh[Symbol.asyncDispose]();
});
beforeEach(() => void server.events.splice(0));

async function createSecret(): Promise<void> {
  const data = { [SECRET.key]: WRAPPING_KEY.toString('base64') };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET.name }, data };
  await client.create(RESOURCES.secrets, SECRET.namespace, JSON.stringify(secret));
}

const codeOf = async (answer: Response): Promise<unknown> => {
  const body = (await answer.json()) as { readonly code?: string };
  return body.code;
};

describe('the records of a segment, opened for the player', () => {
  const records = (id: string, query = ''): string => `/${id}/segments/1/records${query}`;
  const update = (timeMs: number, text: string) => ({ kind: 'update', timeMs, payload: Buffer.from(text), more: false }) as const;

  /** A real segment with three pictures; what they show is of no interest here. @param encrypted by the key in the Secret */
  async function playable(rules: Partial<RecordingRules> = {}, encrypted = false): Promise<string> {
    const keyRef = encrypted ? { encryptionKeyRef: SECRET } : {};
    const { id, keyPrefix, session } = await begunRecording(fresh.db, {
      rules: { ...RULES, ...rules, ...keyRef },
      ...(encrypted ? { keyId: keyIdOf(WRAPPING_KEY) } : {}),
    });
    const { key, wrapped } = encrypted ? createDataKey(WRAPPING_KEY, id) : { key: undefined, wrapped: null };
    const about = { format: 'streamspace.io/recording/v1', id, session, startedAt: START.getTime(), state: 'Complete' } as const;
    const manifest = { ...about, encryption: wrapped, segments: [], gaps: [] };
    server.objects.set(`${keyPrefix}/manifest.json`, signManifest(manifest, SIGNING_KEYS.privateKey));
    const parts: Buffer[] = [];
    const header = { recordingId: id, number: 1, startedAt: START.getTime(), startMs: 0, width: 800, height: 600 };
    const writer = new SegmentWriter({ ...header, previousChain: Buffer.alloc(32) }, (bytes) => parts.push(bytes), key);
    for (const [timeMs, text] of PICTURES) writer.update(timeMs, [Buffer.from(text)]);
    const sha256 = writer.end(60_000).toString('hex');
    const bytes = Buffer.concat(parts);
    await addSegment(fresh.db, id, segment(1, { bytes: bytes.length, sha256 }));
    server.objects.set(`${keyPrefix}/segment-1.rec`, bytes);
    return id;
  }
  const PICTURES = [
    [20, 'first'],
    [500, 'second'],
    [9_000, 'third'],
  ] as const;

  const readAll = async (answer: Response) => {
    expect(answer.status).toBe(200);
    return [...new OpenedRecordReader().push(Buffer.from(await answer.arrayBuffer()))];
  };

  test('are those that were written, and up to a moment no more than it needs', async () => {
    const id = await playable();
    const all = await readAll(await server.get('auditor', records(id), IN_PAGE));
    expect(all.slice(0, 3)).toEqual(PICTURES.map(([timeMs, text]) => update(timeMs, text)));
    expect(all.at(-1)).toMatchObject({ kind: 'end', timeMs: 60_000 });
    expect(await readAll(await server.get('auditor', records(id, '?untilMs=0'), IN_PAGE))).toEqual([update(20, 'first')]);
    expect(await readAll(await server.get('auditor', records(id, '?untilMs=600'), IN_PAGE))).toHaveLength(2);
  });

  test('G-64 go to whom the segment goes, and a glance at the first picture is audited as that', async () => {
    const id = await playable({ viewers: ['Auditor'] });
    for (const query of ['?untilMs=0', '?untilMs=0', '', '', '?untilMs=0'])
      expect((await server.get('auditor', records(id, query), IN_PAGE)).status).toBe(200);
    expect(server.events.map(({ type, details }) => [type, details?.['endMs']])).toEqual([
      ['recording.viewed', 0],
      ['recording.viewed', 60_000],
    ]);
    expect(await codeOf(await server.get('member', records(id), IN_PAGE))).toBe('RecordingViewForbidden');
    expect(await codeOf(await server.get('stranger', records(id), IN_PAGE))).toBe('NotFound');
    const careful = await playable({ stepUp: true });
    const old = { ...IN_PAGE, 'x-credential': 'sign-in:old' };
    expect(await codeOf(await server.get('auditor', records(careful), old))).toBe('StepUpRequired');
  });

  test('of an encrypted recording are opened with its key, and without the key nothing is', async () => {
    const id = await playable({}, true);
    expect((await readAll(await server.get('auditor', records(id), IN_PAGE))).slice(0, 3)).toEqual(
      PICTURES.map(([timeMs, text]) => update(timeMs, text)),
    );
    const stored = server.objects.get(`recordings/${id}/segment-1.rec`);
    expect([stored?.includes('first'), stored?.includes('third')]).toEqual([false, false]);
    await client.delete(RESOURCES.secrets, SECRET.namespace, SECRET.name);
    expect(await codeOf(await server.get('auditor', records(id), IN_PAGE))).toBe('RecordingKeyWrong');
    await createSecret();
  });

  test('of an encrypted recording are not those of a storage that says that it is none', async () => {
    const [id, plain] = [await playable({}, true), await playable()];
    const forged = server.objects.get(`recordings/${plain}/manifest.json`)?.toString().replaceAll(plain, id) ?? '';
    server.objects.set(`recordings/${id}/manifest.json`, Buffer.from(forged));
    expect(await codeOf(await server.get('auditor', records(id), IN_PAGE))).toBe('RecordingMalformed');
    expect(server.events.filter(({ type }) => type === 'recording.viewed')).toEqual([]);
  });

  test('and bytes that are not those of the index go to nobody', async () => {
    const [id, other] = [await playable(), await playable()];
    server.objects.set(
      `recordings/${id}/segment-1.rec`,
      server.objects.get(`recordings/${other}/segment-1.rec`) ?? Buffer.alloc(0),
    );
    for (const path of [records(id), `/${id}/segments/1`])
      expect(await codeOf(await server.get('auditor', path, IN_PAGE))).toBe('RecordingMalformed');
  });

  test('do not leave the platform with download off, and those of an encrypted one never do', async () => {
    for (const id of [await playable({ download: false }), await playable({}, true)]) {
      expect(await codeOf(await server.get('auditor', records(id)))).toBe('RecordingDownloadOff');
      expect((await server.get('auditor', records(id), IN_PAGE)).status).toBe(200);
    }
  });
});
