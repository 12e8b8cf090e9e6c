import { expect, test } from 'vitest';
import { ownersText } from './owners-text.ts';

const FILES = [
  { path: 'a.yaml', owners: ['@ada', '@org/web'], approvedBy: [] },
  { path: 'b.yaml', owners: ['@ben'], approvedBy: ['ben'] },
];

test('each file is said with its owners, and who of them has approved', () => {
  expect(ownersText({ file: 'CODEOWNERS', required: true, skippedLines: [3, 9], files: FILES })).toEqual([
    'a.yaml belongs to @ada @org/web: an owner has to approve it',
    'b.yaml belongs to @ben: approved by ben',
    'lines of CODEOWNERS that are not understood: 3, 9',
  ]);
  expect(ownersText({ file: 'CODEOWNERS', required: false, files: FILES })[0]).toMatch(/: no owner has approved it$/);
});

test('a file that cannot be read says why, and without owners nothing is said', () => {
  expect(ownersText({ file: 'CODEOWNERS', required: true, problem: 'CODEOWNERS cannot be read: a link', files: [] })).toEqual([
    'CODEOWNERS cannot be read: a link',
  ]);
  expect(ownersText(undefined)).toEqual([]);
});
