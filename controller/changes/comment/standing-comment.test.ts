import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readComment, sameText, writeComment } from './standing-comment.ts';

const MARK = 'streamspace/platform';
const pieces = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '\n',
      '`',
      '<!--',
      '-->',
      '<!-- streamspace:below -->',
      '<!-- streamspace:plan streamspace/platform 1 -->',
      '@ann',
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

test('what is written is read again, whatever stands in note and plan, and after a forge has changed its line ends', () => {
  fc.assert(
    fc.property(pieces, pieces, fc.boolean(), (note, text, crlf) => {
      const memory = { asked: '12', at: '2027-03-01T08:00:00.000Z' };
      const written = writeComment({ mark: MARK, page: 1, memory, note: `N${note}`, text: `T${text}` });
      const found = readComment(crlf ? written.replaceAll('\n', '\r\n') : written, MARK);
      expect(found).toMatchObject({ mark: MARK, page: 1, memory });
      expect(sameText(found?.text ?? '', `T${text}`)).toBe(true);
      expect(found?.note).toBe(`N${note.replaceAll('<!--', '<! --')}`);
      expect(readComment(written, 'streamspace/other')).toBeUndefined();
    }),
  );
});

test('what is said of reviews is read again beside note and plan, and only where it was written', () => {
  fc.assert(
    fc.property(pieces, pieces, pieces, fc.boolean(), (reviews, note, text, crlf) => {
      const wish = { mark: MARK, page: 1, memory: { reviews: 'yes' }, note: `N${note}`, text: `T${text}` };
      const written = writeComment({ ...wish, reviews: `R${reviews}` });
      const found = readComment(crlf ? written.replaceAll('\n', '\r\n') : written, MARK);
      expect(found).toMatchObject({
        reviews: `R${reviews.replaceAll('<!--', '<! --')}`,
        note: `N${note.replaceAll('<!--', '<! --')}`,
      });
      expect(sameText(found?.text ?? '', `T${text}`)).toBe(true);
      const without = writeComment({ ...wish, memory: {}, text: `T${text}\n<!-- streamspace:reviews -->` });
      expect(readComment(without, MARK)).not.toHaveProperty('reviews');
    }),
  );
});

test('without a note it is what earlier versions wrote', () => {
  const body = `<!-- streamspace:plan ${MARK} 2 -->\na plan`;
  expect(writeComment({ mark: MARK, page: 2, memory: {}, note: '', text: 'a plan' })).toBe(body);
  expect(readComment(body, MARK)).toEqual({ mark: MARK, page: 2, memory: {}, note: '', text: 'a plan' });
  expect(readComment('words', MARK)).toBeUndefined();
});
