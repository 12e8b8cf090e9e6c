import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inertText } from './inert-text.ts';

/** As GitHub and Gitea know them. */
const ALIVE = [/(?:^|\W)@\w/, /[#!]\d/, /\bGH-\d/i, /https?:\/\/\S+\/(issues|pull|pulls)\/\d/i];

test('what a person wrote mentions nobody and closes nothing, and reads as before', () => {
  const bits = [
    '@',
    'org/team',
    '#',
    '!',
    '5',
    'Fixes ',
    'closes: ',
    'GH-',
    'gh-',
    'https://forge/o/r/issues/',
    'o/r',
    ' ',
    '\n',
    '\u200b',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...bits), { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      const inert = inertText(text);
      for (const alive of ALIVE) expect(inert).not.toMatch(alive);
      expect(inert.replaceAll('\u200b', '')).toBe(text.replaceAll('\u200b', ''));
      expect(inertText(inert)).toBe(inert);
    }),
  );
  expect(inertText('Vera helps us in May: 2 more (of 5), to 50 %!')).toBe('Vera helps us in May: 2 more (of 5), to 50 %!');
});
