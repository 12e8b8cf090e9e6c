import { expect, test } from 'vitest';
import { typedSince } from '../components/desktop/soft-keyboard.tsx';
import { keysymOf } from './keys.ts';

test.each([
  ['a', 0x61],
  ['ä', 0xe4],
  ['€', 0x010020ac],
  ['😀', 0x0101f600],
  ['\n', 0xff0d],
  ['\t', 0xff09],
])('the keysym of %j', (character, keysym) => expect(keysymOf(character)).toBe(keysym));

test('what a phone put behind the filler, or in place of it, is what was typed', () => {
  const filler = '\u00a0\u00a0';
  expect(typedSince(filler, `${filler}ls`)).toBe('ls');
  expect(typedSince(filler, 'hello')).toBe('hello');
});
