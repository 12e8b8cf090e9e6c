import { expect, test } from 'vitest';
import { type Ban, createRateLimits, LIMITS } from './rate-limits.ts';

const from = (sourceAddress: string, path: string) =>
  ({ kind: 'request', method: 'GET', headers: {}, requestId: 'r', path, sourceAddress }) as const;

test('sign-ins of one address are limited, wherever they begin or end; other addresses and other pages go on', async () => {
  const { guard } = createRateLimits(() => undefined);
  const paths = ['/auth/sign-in', '/auth/callback/okta', '/auth/password', '/auth/saml/corp/acs'];
  for (let count = 0; count < LIMITS.signIns.points; count += 1) await guard(from('192.0.2.1', paths[count % 4] ?? ''));
  for (const path of paths) await expect(guard(from('192.0.2.1', path))).rejects.toMatchObject({ code: 'RateLimited' });
  await guard(from('192.0.2.2', '/auth/sign-in'));
  for (const path of ['/', '/api/v1/me', '/auth/sign-out', '/auth/backchannel-logout']) await guard(from('192.0.2.1', path));
});

test('changes of one person are limited, and nobody else is', async () => {
  const { write } = createRateLimits(() => undefined);
  for (let count = 0; count < LIMITS.writes.points; count += 1) await write('mia');
  await expect(write('mia')).rejects.toMatchObject({ code: 'RateLimited' });
  await write('ann');
});

test('G-48 an address that guesses links is banned, for links alone; others go on', async () => {
  const { linkGuesses, guesses } = createRateLimits(() => undefined);
  for (let count = 0; count < LIMITS.wrongLinks.points; count += 1) {
    await linkGuesses.check('192.0.2.1');
    await linkGuesses.wrong('192.0.2.1');
  }
  await linkGuesses.check('192.0.2.1');
  await linkGuesses.wrong('192.0.2.1');
  await expect(linkGuesses.check('192.0.2.1')).rejects.toMatchObject({ code: 'RateLimited' });
  await expect(linkGuesses.check('192.0.2.2')).resolves.toBeUndefined();
  await expect(guesses.check('192.0.2.1')).resolves.toBeUndefined();
});

test('P-01-12 a ban is told once, when it begins, with what it is for and until when', async () => {
  const bans: Ban[] = [];
  const { guesses } = createRateLimits((ban) => bans.push(ban));
  for (let count = 0; count < LIMITS.wrongKeys.points + 5; count += 1) await guesses.wrong('192.0.2.1');
  expect(bans).toEqual([{ of: 'api-keys', address: '192.0.2.1', network: '192.0.2.1', seconds: 600 }]);
});

test('P-01-12 whoever has a /64 of IPv6 has one try for all of its addresses; IPv4 in IPv6 is an address of its own', async () => {
  const { guesses } = createRateLimits(() => undefined);
  for (let count = 0; count <= LIMITS.wrongKeys.points; count += 1) await guesses.wrong(`2001:db8:0:1::${count.toString(16)}`);
  await expect(guesses.check('2001:db8:0:1:ffff::1')).rejects.toMatchObject({ code: 'RateLimited' });
  await expect(guesses.check('2001:db8:0:2::1')).resolves.toBeUndefined();
  for (let count = 0; count <= LIMITS.wrongKeys.points; count += 1) await guesses.wrong(`::ffff:192.0.2.${count}`);
  await expect(guesses.check('::ffff:192.0.2.1')).resolves.toBeUndefined();
});

const wrong = new Error('wrong');
const isWrong = (error: unknown): boolean => error === wrong;

test('P-01-12 the directory hears of four passwords of a name, however many are tried at once; others and other addresses go on', async () => {
  const { passwordGuesses } = createRateLimits(() => undefined);
  let heard = 0;
  const guess = async (address: string, name: string): Promise<unknown> =>
    await passwordGuesses
      .attempt(
        address,
        name,
        async () => {
          heard += 1;
          throw wrong;
        },
        isWrong,
      )
      .catch((error: unknown) => error);
  await Promise.all(['ada', 'Ada', ' ada', 'ada', 'ADA', 'ada', 'ada'].map((name) => guess('192.0.2.1', name)));
  expect(heard).toBe(4);
  expect(await guess('192.0.2.1', 'ada')).toMatchObject({ code: 'RateLimited' });
  expect(await guess('192.0.2.1', 'bob')).toBe(wrong);
  expect(await guess('192.0.2.2', 'ada')).toBe(wrong);
});

test('a password that is right takes back what was wrong before, and a directory that is away counts for nobody', async () => {
  const { passwordGuesses } = createRateLimits(() => undefined);
  const away = new Error('away');
  const attempt = (error?: Error): Promise<unknown> =>
    passwordGuesses
      .attempt('192.0.2.1', 'ada', async () => (error === undefined ? 'in' : Promise.reject(error)), isWrong)
      .catch((thrown: unknown) => thrown);
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 3; count += 1) expect(await attempt(wrong)).toBe(wrong);
    for (let count = 0; count < 10; count += 1) expect(await attempt(away)).toBe(away);
    expect(await attempt()).toBe('in');
  }
});
