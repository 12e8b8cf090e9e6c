import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typedBetween } from './typed.ts';

test('whatever a field was and became, the keys lead from the one to the other', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      (start, old, now) => {
        const { back, text } = typedBetween(start + old, start + now);
        const characters = [...(start + old)];
        expect(characters.slice(0, characters.length - back).join('') + text).toBe(start + now);
        expect(back).toBeLessThanOrEqual([...old].length);
      },
    ),
  );
});

test.each([
  ['l', 'ls', { back: 0, text: 's' }],
  ['teh', 'the', { back: 2, text: 'he' }],
  ['nihao', '你好', { back: 5, text: '你好' }],
  ['a😀', 'a', { back: 1, text: '' }],
])('from %j to %j', (before, after, typed) => expect(typedBetween(before, after)).toEqual(typed));
