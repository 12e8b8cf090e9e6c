import { once } from 'node:events';
import { expect, test } from 'vitest';
import { watchRight } from './watch-right.ts';

test('a transfer ends with its right, and not with an API server that is away', async () => {
  const answers = [Promise.resolve(true), Promise.reject(new Error('away')), Promise.resolve(false)];
  for (const answer of answers) answer.catch(() => undefined);
  const gone = new Error('the right is gone');
  let asked = 0;
  using right = watchRight(
    () => answers[asked++] ?? Promise.resolve(true),
    () => gone,
    1,
  );
  await once(right.signal, 'abort');
  expect([asked >= 3, right.signal.reason]).toEqual([true, gone]);
});
