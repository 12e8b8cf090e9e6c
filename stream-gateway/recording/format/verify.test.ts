import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { signingKeyId } from '../../signing/signed.ts';
import { chainStart, nextChain } from './chain.ts';
import { createDataKey, keyIdOf, parseWrappingKey, unwrapDataKey } from './data-key.ts';
import {
  isSignedBy,
  MANIFEST_FILE,
  type Manifest,
  readManifest,
  type SegmentEntry,
  segmentFile,
  signManifest,
} from './manifest.ts';
import { SegmentWriter } from './segment-writer.ts';
import { type Finding, verifyRecording } from './verify.ts';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const KEYS = generateKeyPairSync('ed25519');

/** Three segments with their manifest. */
function recording(state: Manifest['state'] = 'Complete'): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const segments: SegmentEntry[] = [];
  let chain = chainStart(ID);
  for (const number of [1, 2, 3]) {
    const parts: Buffer[] = [];
    const startMs = 1_000 * (number - 1);
    const header = { recordingId: ID, number, startedAt: 1_795_000_000_000 + startMs, startMs, width: 8, height: 8 };
    const writer = new SegmentWriter({ ...header, previousChain: chain }, (bytes) => parts.push(bytes));
    writer.update(0, [Buffer.alloc(200 + number, number)]);
    const sha256 = writer.end(1_000);
    chain = nextChain(chain, sha256);
    const file = segmentFile(number);
    files.set(file, Buffer.concat(parts));
    const hashes = { sha256: sha256.toString('hex'), chain: chain.toString('hex') };
    segments.push({
      number,
      file,
      startMs,
      endMs: startMs + 1_000,
      bytes: writer.bytes,
      width: 8,
      height: 8,
      closed: true,
      ...hashes,
    });
  }
  const session = { namespace: 'team-web', name: 'one', uid: 'u' };
  const manifest: Manifest = {
    ...{ format: 'streamspace.io/recording/v1', id: ID, session, startedAt: 1_795_000_000_000, state },
    ...{ encryption: null, segments, gaps: [] },
  };
  files.set(MANIFEST_FILE, signManifest(manifest, KEYS.privateKey));
  return files;
}

async function problems(files: ReadonlyMap<string, Buffer>, key = KEYS.publicKey): Promise<string[]> {
  const source = { names: async () => [...files.keys()], read: async (name: string) => files.get(name) };
  const { findings } = await verifyRecording(source, [key]);
  return findings.map(({ problem, file }: Finding) => `${problem} ${file}`);
}

const bytesOf = (files: ReadonlyMap<string, Buffer>, name: string): Buffer => Buffer.from(files.get(name) ?? []);

test('a recording as it was written has no findings', async () => {
  expect(await problems(recording())).toEqual([]);
});

test('a finding names the one segment that is missing, changed, cut, in the wrong place or not known', async () => {
  const missing = recording();
  missing.delete(segmentFile(2));
  expect(await problems(missing)).toEqual(['missing segment-000002.rec']);

  const changed = recording();
  const bytes = bytesOf(changed, segmentFile(3));
  bytes[130] = (bytes[130] ?? 0) ^ 1;
  changed.set(segmentFile(3), bytes);
  expect(await problems(changed)).toEqual(['changed segment-000003.rec']);

  const cut = recording();
  cut.set(segmentFile(1), bytesOf(cut, segmentFile(1)).subarray(0, -1));
  expect(await problems(cut)).toEqual(['cut segment-000001.rec']);

  const swapped = recording();
  const [one, two] = [bytesOf(swapped, segmentFile(1)), bytesOf(swapped, segmentFile(2))];
  swapped.set(segmentFile(1), two).set(segmentFile(2), one);
  expect(await problems(swapped)).toEqual(['reordered segment-000001.rec', 'reordered segment-000002.rec']);

  const more = recording();
  more.set(segmentFile(4), Buffer.from('x'));
  expect(await problems(more)).toEqual(['unknown segment-000004.rec']);
});

test('a manifest that was edited, or signed by another, is not taken for signed', async () => {
  const files = recording();
  const text = bytesOf(files, MANIFEST_FILE).toString();
  files.set(MANIFEST_FILE, Buffer.from(text.replace('"endMs":1000', '"endMs":1001')));
  expect(await problems(files)).toEqual(['notSigned manifest.json']);
  expect(await problems(recording(), generateKeyPairSync('ed25519').publicKey)).toEqual(['notSigned manifest.json']);
});

test('a segment that is taken out of the manifest too breaks signature and chain', async () => {
  const files = recording();
  const signed = readManifest(bytesOf(files, MANIFEST_FILE));
  const segments = signed.manifest.segments.filter(({ number }) => number !== 2);
  files.set(MANIFEST_FILE, Buffer.from(JSON.stringify({ ...signed, manifest: { ...signed.manifest, segments } })));
  files.delete(segmentFile(2));
  expect(await problems(files)).toEqual(['notSigned manifest.json', 'chainBroken segment-000003.rec']);
});

test('a manifest of before the end does not pass for the whole', async () => {
  expect(await problems(recording('Recording'))).toEqual(['unfinished manifest.json']);
});

test('the same manifest is the same bytes, and its signature names the key', () => {
  const signed = readManifest(bytesOf(recording(), MANIFEST_FILE));
  expect(signManifest(signed.manifest, KEYS.privateKey)).toEqual(bytesOf(recording(), MANIFEST_FILE));
  expect(signed.signature.keyId).toBe(signingKeyId(KEYS.publicKey));
  expect(isSignedBy(signed, [generateKeyPairSync('ed25519').publicKey, KEYS.publicKey])).toBe(true);
});

test('bytes that are no manifest are refused', () => {
  for (const text of ['', '{', '[]', '{"manifest":{},"signature":{}}'])
    expect(() => readManifest(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'RecordingMalformed' }));
});

test('a data key comes out with its wrapping key and for its recording alone', () => {
  const wrapping = parseWrappingKey(Buffer.from(Buffer.alloc(32, 9).toString('base64')));
  const { key, wrapped } = createDataKey(wrapping, ID);
  expect(unwrapDataKey(wrapped, wrapping, ID)).toEqual(key);
  expect(wrapped.keyId).toBe(keyIdOf(wrapping));
  const wrong = expect.objectContaining({ code: 'RecordingKeyWrong' });
  expect(() => unwrapDataKey(wrapped, Buffer.alloc(32, 8), ID)).toThrow(wrong);
  expect(() => unwrapDataKey(wrapped, wrapping, ID.replace('7', '8'))).toThrow(wrong);
  expect(() => unwrapDataKey({ ...wrapped, wrapped: 'AAAA' }, wrapping, ID)).toThrow(wrong);
  expect(() => parseWrappingKey(Buffer.alloc(16))).toThrow(wrong);
});
