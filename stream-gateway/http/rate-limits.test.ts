import { expect, test } from 'vitest';
import { createRateLimits, LIMITS } from './rate-limits.ts';

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
