import { expect, test } from 'vitest';
import { createRateLimits, LIMITS } from './rate-limits.ts';

const from = (sourceAddress: string, path: string) =>
  ({ kind: 'request', method: 'GET', headers: {}, requestId: 'r', path, sourceAddress }) as const;

test('sign-ins of one address are limited, wherever they begin or end; other addresses and other pages go on', async () => {
  const { guard } = createRateLimits();
  const paths = ['/auth/sign-in', '/auth/callback/okta', '/auth/password', '/auth/saml/corp/acs'];
  for (let count = 0; count < LIMITS.signIns.points; count += 1) await guard(from('192.0.2.1', paths[count % 4] ?? ''));
  for (const path of paths) await expect(guard(from('192.0.2.1', path))).rejects.toMatchObject({ code: 'RateLimited' });
  await guard(from('192.0.2.2', '/auth/sign-in'));
  for (const path of ['/', '/api/v1/me', '/auth/sign-out', '/auth/backchannel-logout']) await guard(from('192.0.2.1', path));
});

test('changes of one person are limited, and nobody else is', async () => {
  const { write } = createRateLimits();
  for (let count = 0; count < LIMITS.writes.points; count += 1) await write('mia');
  await expect(write('mia')).rejects.toMatchObject({ code: 'RateLimited' });
  await write('ann');
});

test('G-48 an address that guesses links is banned, for links alone; others go on', async () => {
  const { linkGuesses, guesses } = createRateLimits();
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
