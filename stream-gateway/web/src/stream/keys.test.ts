import { expect, test } from 'vitest';
import { keysymOf } from './keys.ts';

test.each([
  ['a', 0x61],
  ['ä', 0xe4],
  ['€', 0x010020ac],
  ['😀', 0x0101f600],
  ['\n', 0xff0d],
  ['\t', 0xff09],
])('the keysym of %j', (character, keysym) => expect(keysymOf(character)).toBe(keysym));
