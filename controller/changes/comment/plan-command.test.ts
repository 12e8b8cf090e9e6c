import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asksForPlan, plannedAgainNote } from './plan-command.ts';

const SYNC = 'streamspace/platform';

test.each([
  ['/streamspace plan', true],
  ['/streamspace plan  \r\nthank you', true],
  [`/streamspace plan ${SYNC}`, true],
  ['/streamspace plan streamspace/other', false],
  [' /streamspace plan', false],
  ['please\n/streamspace plan', false],
  ['/streamspace plans', false],
  ['/streamspace  plan', false],
  ['`/streamspace plan`', false],
  ['> /streamspace plan', false],
  ['/streamspace plan\u2028x', false],
  ['', false],
])('%j asks for a plan: %s', (body, asks) => {
  expect(asksForPlan(body, SYNC)).toBe(asks);
});

test('only a first line that is nothing but the command asks, whatever comes after it', () => {
  const word = fc.constantFrom('/streamspace', 'plan', ' ', '\n', '\r\n', SYNC, '@ann', '\t', 'x');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (parts) => {
      const body = parts.join('');
      const first = /^[^\r\n]*/.exec(body)?.[0] ?? '';
      expect(asksForPlan(body, SYNC)).toBe(/^\/streamspace plan( streamspace\/platform)?\s*$/.test(first));
    }),
  );
});

test('who has asked is named in code, so that nobody hears of it', () => {
  expect(plannedAgainNote({ at: new Date('2027-03-01T08:00:00Z'), login: 'bob`s' })).toBe(
    'Planned again at `2027-03-01T08:00:00.000Z`, asked by ``@bob`s``.\n',
  );
});
