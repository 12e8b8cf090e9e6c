import { expect, test } from 'vitest';
import { FACTOR_LIMITS, FactorAttempts } from './attempts.ts';

const wrong = async () => false;
const right = async () => true;
const waiting = (person: string, address: string) => ({ person, address, credential: `waiting:${person}` });
const limited = expect.objectContaining({ code: 'RateLimited' });

async function tryWrong(attempts: FactorAttempts, guesser: ReturnType<typeof waiting>, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await attempts.guess(guesser, 'Totp', wrong).catch(() => undefined);
}

test('the sixth guess of a person at one address is not looked at, even if all are made at once', async () => {
  const attempts = new FactorAttempts();
  let looked = 0;
  const guesses = Array.from({ length: 50 }, () =>
    attempts.guess(waiting('mia', '10.0.0.1'), 'Totp', async () => {
      looked += 1;
      return false;
    }),
  );
  const refused = (await Promise.allSettled(guesses)).filter(({ status }) => status === 'rejected');
  expect({ looked, refused: refused.length }).toEqual({ looked: FACTOR_LIMITS.own.points, refused: 45 });
});

test('who guesses for somebody locks out neither him elsewhere nor others at the same address', async () => {
  const attempts = new FactorAttempts();
  await tryWrong(attempts, waiting('mia', '10.0.0.1'), 200);
  await expect(attempts.guess(waiting('mia', '10.0.0.1'), 'Totp', right)).rejects.toEqual(limited);
  expect(await attempts.guess(waiting('mia', '10.0.0.2'), 'Totp', right)).toBe(true);
  expect(await attempts.guess(waiting('max', '10.0.0.1'), 'Totp', right)).toBe(true);
});

test('guesses from many addresses end at the limit of the person; recovery codes and who is signed in go on', async () => {
  const attempts = new FactorAttempts();
  for (let host = 0; host < 20; host += 1) await tryWrong(attempts, waiting('mia', `10.0.1.${host}`), 5);
  await expect(attempts.guess(waiting('mia', '10.0.0.9'), 'Totp', right)).rejects.toEqual(limited);
  expect(await attempts.guess(waiting('mia', '10.0.0.10'), 'RecoveryCode', right)).toBe(true);
  const signedIn = { person: 'mia', address: '10.0.0.11', credential: 'sign-in:1' };
  expect(await attempts.guess(signedIn, 'Totp', right)).toBe(true);
});

test('a right code makes the count of its person begin anew', async () => {
  const attempts = new FactorAttempts();
  const mia = waiting('mia', '10.0.0.1');
  for (let round = 0; round < 5; round += 1) {
    await tryWrong(attempts, mia, 4);
    expect(await attempts.guess(mia, 'Totp', right)).toBe(true);
  }
});

test('an address is stopped once many people guessed wrongly there', async () => {
  const attempts = new FactorAttempts();
  for (let person = 0; person < 10; person += 1) await tryWrong(attempts, waiting(`p${person}`, '10.0.0.1'), 5);
  await expect(attempts.guess(waiting('mia', '10.0.0.1'), 'Totp', right)).rejects.toEqual(limited);
});
