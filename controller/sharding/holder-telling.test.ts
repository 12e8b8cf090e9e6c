import { pino } from 'pino';
import { expect, test } from 'vitest';
import { HolderTelling } from './holder-telling.ts';

test('a hundred hooks for one GitSync are one request, and one more for those that came while it ran', async () => {
  const asked: { readonly name: string; readonly answer: () => void }[] = [];
  const telling = new HolderTelling(
    {
      mergePatch: <T>(_resource: unknown, _namespace: unknown, name: string) =>
        new Promise<T>((resolve) => asked.push({ name, answer: () => resolve({} as T) })),
    },
    pino({ level: 'silent' }),
  );
  for (let count = 0; count < 100; count += 1) telling.tell({ namespace: 'a', name: 'one' });
  telling.tell({ namespace: 'a', name: 'two' });
  expect(asked.map(({ name }) => name)).toEqual(['one', 'two']);
  asked[0]?.answer();
  await expect.poll(() => asked.map(({ name }) => name)).toEqual(['one', 'two', 'one']);
  asked[2]?.answer();
  asked[1]?.answer();
  await Promise.resolve();
  telling.tell({ namespace: 'a', name: 'one' });
  await expect.poll(() => asked.length).toBe(4);
});
