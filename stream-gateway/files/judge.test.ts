// The judge over real files and a scanner that says what the test wants.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { clipboardFormat, MAX_CLIPBOARD_BYTES, type MergedDlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { MergedFileRules } from '../../schemas/kinds/policies/file-rules.ts';
import { StreamPolicy } from '../stream/stream-policy.ts';
import type { Scan, ScanResult } from './clamd.ts';
import { createJudge, type JudgedFile, whileAllowed } from './judge.ts';
import { FileSpool } from './spool.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PNG = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300010000050001',
  'hex',
);
const ORIGINS = new Map(
  ['up', 'maxBytes', 'allowTypes', 'scan'].map((field) => [`files.${field}`, 'DlpPolicy/streamspace/base']),
);

function inForce(files: Partial<MergedFileRules> | undefined) {
  const clipboard = {
    up: true,
    down: true,
    maxBytes: MAX_CLIPBOARD_BYTES,
    formats: [...clipboardFormat.options],
    windowSeconds: 0,
    rules: [],
  };
  const merged = files === undefined ? {} : { files: { up: true, down: true, denyTypes: [], scan: 'None' as const, ...files } };
  const rules: MergedDlpRules = { clipboard, ...merged };
  return { hash: 'h'.repeat(64), rules, origins: ORIGINS };
}

interface Asked {
  readonly content?: string | Buffer;
  readonly declared?: string;
  readonly rules?: Partial<MergedFileRules>;
  readonly scan?: Scan;
  readonly policy?: StreamPolicy;
}

async function judged({ content = 'hello', declared = '', rules = {}, scan, policy }: Asked): Promise<JudgedFile> {
  const spool = new FileSpool({ folder: join(folder, 'spool'), maxBytes: 1_000_000 });
  await using file = await spool.create();
  await file.write(Buffer.from(content), 0);
  return await createJudge(scan)({
    facts: { direction: 'up', name: 'Documents/file' },
    file,
    declared,
    policy: policy ?? new StreamPolicy(inForce(rules)),
    signal: new AbortController().signal,
  });
}

const answering = (result: ScanResult): Scan => {
  return async (content) => {
    for await (const _chunk of content());
    return result;
  };
};
const untouched: Scan = () => Promise.reject(new Error('nobody asked for a scan'));

test('what passes has its hash and its type by content', async () => {
  const sha256 = createHash('sha256').update(PNG).digest('hex');
  expect(await judged({ content: PNG, declared: 'image/png', scan: untouched })).toEqual({
    bytes: PNG.length,
    sha256,
    type: 'image/png',
  });
  expect(await judged({ content: '' })).toMatchObject({ bytes: 0, type: 'text/plain' });
});

test('G-34 each refusal has its code, and its event names file, hash, type, rule and policy', async () => {
  const denied = (code: string, details: object) => ({
    code,
    audited: { type: 'files.denied', details: expect.objectContaining({ direction: 'up', name: 'Documents/file', ...details }) },
  });
  const base = 'streamspace/base';
  await expect(judged({ rules: { maxBytes: 4 } })).rejects.toMatchObject(
    denied('FileSizeDenied', { rule: 'maxBytes', policy: base, bytes: 5 }),
  );
  await expect(judged({ content: PNG, rules: { allowTypes: ['text/*'] } })).rejects.toMatchObject(
    denied('FileTypeDenied', {
      rule: 'allowTypes',
      policy: base,
      type: 'image/png',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    }),
  );
  await expect(
    judged({ content: PNG, rules: { denyTypes: [{ policy: 'team-web/own', type: 'image/*' }] } }),
  ).rejects.toMatchObject(denied('FileTypeDenied', { rule: 'denyTypes', policy: 'team-web/own' }));
  await expect(judged({ declared: 'image/png' })).rejects.toMatchObject(denied('FileTypeFalse', { rule: 'type', policy: null }));
  await expect(
    judged({ rules: { scan: 'Required' }, scan: answering({ clean: false, signature: 'Eicar' }) }),
  ).rejects.toMatchObject(denied('FileInfected', { rule: 'scan', policy: base }));
});

test('without a policy that can be read nothing is judged', async () => {
  await expect(judged({ policy: new StreamPolicy(inForce(undefined)) })).rejects.toMatchObject({ code: 'PolicyUnavailable' });
});

test('a scan that is required and cannot be had is a refusal; one that is not is never asked for', async () => {
  const away: Scan = () => Promise.reject(new StreamSpaceError('FileScanUnavailable', 'away'));
  for (const scan of [away, undefined])
    await expect(judged({ rules: { scan: 'Required' }, ...(scan === undefined ? {} : { scan }) })).rejects.toMatchObject({
      code: 'FileScanUnavailable',
      audited: { type: 'files.denied', details: expect.objectContaining({ rule: 'scan' }) },
    });
  await expect(judged({ rules: { scan: 'None' }, scan: untouched })).resolves.toBeDefined();
  await expect(judged({ rules: { scan: 'Required' }, scan: answering({ clean: true }) })).resolves.toBeDefined();
});

test('a policy that changes while the scanner looks is in force before the file goes on', async () => {
  const policy = new StreamPolicy(inForce({ scan: 'Required' }));
  const scan: Scan = async () => {
    policy.replace(inForce({ up: false, scan: 'Required' }));
    return { clean: true };
  };
  await expect(judged({ policy, scan })).rejects.toMatchObject({ code: 'FileUploadOff' });
});

test('a policy that closes uploads while a file is written ends the writing before its next piece', async () => {
  const policy = new StreamPolicy(inForce({}));
  async function* content(): AsyncGenerator<Buffer> {
    yield Buffer.from('one');
    policy.replace(inForce({ up: false }));
    yield Buffer.from('two');
  }
  const written: string[] = [];
  const writing = async (): Promise<void> => {
    for await (const chunk of whileAllowed(content(), policy, { direction: 'up', name: 'a' })) written.push(chunk.toString());
  };
  await expect(writing()).rejects.toMatchObject({ code: 'FileUploadOff', audited: { type: 'files.denied' } });
  expect(written).toEqual(['one']);
});
