import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AuditSpool } from '../../runtime/audit/audit-spool.ts';
import { lockFolder, streamsFolder, takeOverSpools } from './spool-folders.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);

async function spool(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'streamspace-spool-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const event = (id: string) => ({ id, at: '2026-01-01T00:00:00Z', type: 'signout', actor: null, result: 'success' }) as const;

test('what processes leave that there are no more is taken over: recordings by the first, audit events by the front process', async () => {
  await using folder = await spool();
  for (const [place, recording] of [
    ['', 'of-one-process'],
    ['streams/0', 'of-the-first'],
    ['streams/3', 'of-the-fourth'],
  ] as const) {
    await mkdir(join(folder.path, place, 'recordings', recording), { recursive: true });
    await writeFile(join(folder.path, place, 'recordings', recording, 'recording.json'), '{}');
  }
  const fourth = new AuditSpool(streamsFolder(folder.path, 3));
  await fourth.append(event('second'));
  await fourth.close();
  await writeFile(join(folder.path, 'audit.jsonl'), `${JSON.stringify(event('first'))}\n{"cut sho`);

  await takeOverSpools(folder.path, 2, soon());
  expect((await readdir(join(streamsFolder(folder.path, 0), 'recordings'))).toSorted()).toEqual([
    'of-one-process',
    'of-the-first',
    'of-the-fourth',
  ]);
  expect(await readdir(join(folder.path, 'streams'))).toEqual(['0']);
  const ids: string[] = [];
  await new AuditSpool(folder.path).drain(async (events) => void ids.push(...events.map(({ id }) => id)));
  expect(ids).toEqual(['first', 'second']);

  await takeOverSpools(folder.path, 0, soon());
  expect(await readdir(join(folder.path, 'recordings'))).toHaveLength(3);
  expect(await readFile(join(folder.path, 'recordings', 'of-the-fourth', 'recording.json'), 'utf8')).toBe('{}');
});

test('a folder is waited for until the process that has it lets go', async () => {
  await using folder = await spool();
  const first = await lockFolder(folder.path, soon());
  const order: string[] = [];
  const second = lockFolder(folder.path, soon()).then((lock) => {
    order.push('locked again');
    return lock;
  });
  await expect(lockFolder(folder.path, AbortSignal.timeout(250))).rejects.toThrow(/timeout/i);
  order.push('let go');
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  expect(order).toEqual(['let go', 'locked again']);
});
