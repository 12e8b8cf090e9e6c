import { expect, test } from 'vitest';
import { createLogger } from '../../../runtime/log/log.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { CredentialWatch } from './credential-watch.ts';

const mia = { name: 'mia', displayName: 'Mia', groups: ['web'] };
const log = createLogger({ name: 'test', level: 'silent' });

test('G-53 only what came with the ended credential is ended, with SignInRequired', async () => {
  const live = new Map([
    ['sign-in:a', mia],
    ['api-key:b', mia],
  ]);
  const watch = new CredentialWatch({ live: async () => live, log });
  using one = watch.watch('sign-in:a', mia);
  using same = watch.watch('sign-in:a', mia);
  using other = watch.watch('api-key:b', mia);
  await watch.check();
  expect(one.signal.aborted).toBe(false);
  live.delete('sign-in:a');
  await watch.check();
  expect([one.signal.aborted, same.signal.aborted, other.signal.aborted]).toEqual([true, true, false]);
  expect(one.signal.reason).toMatchObject({ code: 'SignInRequired' });
});

test('while the database does not answer, nothing is ended', async () => {
  const watch = new CredentialWatch({
    live: () => Promise.reject(new StreamSpaceError('DatabaseUnavailable', 'away')),
    log,
  });
  using lease = watch.watch('sign-in:a', mia);
  await expect(watch.check()).rejects.toMatchObject({ code: 'DatabaseUnavailable' });
  expect(lease.signal.aborted).toBe(false);
});

test('what nobody uses any more is not asked about', async () => {
  const asked: (readonly string[])[] = [];
  const watch = new CredentialWatch({
    live: async (list) => {
      asked.push(list);
      return new Map(list.map((credential) => [credential, mia]));
    },
    log,
  });
  const first = watch.watch('sign-in:a', mia);
  using _second = watch.watch('sign-in:b', mia);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await watch.check();
  expect(asked).toEqual([['sign-in:b']]);
});

test('P-01-6 the groups of a person are those of the last look', async () => {
  const left = { ...mia, groups: [] };
  const watch = new CredentialWatch({ live: async () => new Map([['sign-in:a', left]]), log });
  using lease = watch.watch('sign-in:a', mia);
  expect(lease.person()).toEqual(mia);
  await watch.check();
  expect(lease.person()).toEqual(left);
});
