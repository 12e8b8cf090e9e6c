import { expect, test } from 'vitest';
import { captionsOf, chapters, webVtt } from './captions.ts';

const EVENTS = [
  { atMs: 500, event: { type: 'input' } },
  { atMs: 3_723_004, event: { type: 'joined', person: 'a <b>&\nc=d' } },
  { atMs: 1_000, event: { type: 'clipboard', direction: 'Up', bytes: 18 } },
] as const;

test('captions are in the order of time, with gaps and without single keys', () => {
  expect(captionsOf(EVENTS, [{ fromMs: 2_000, toMs: null, code: 'StorageFull' }])).toEqual([
    { atMs: 1_000, text: 'Clipboard to the desktop, 18 bytes' },
    { atMs: 2_000, text: 'Not recorded: StorageFull' },
    { atMs: 3_723_004, text: 'a <b>&\nc=d joined' },
  ]);
});

test('a name of a person is neither markup nor a second line, in captions and in chapters', () => {
  const captions = captionsOf(EVENTS, []);
  expect(webVtt(captions)).toBe(
    'WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nClipboard to the desktop, 18 bytes\n\n' +
      '01:02:03.004 --> 01:02:05.004\na &lt;b&gt;&amp; c=d joined\n',
  );
  expect(chapters(captions, 4_000_000)).toBe(
    ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=3723004\ntitle=Clipboard to the desktop, 18 bytes\n' +
      '[CHAPTER]\nTIMEBASE=1/1000\nSTART=3723004\nEND=4000000\ntitle=a <b>& c\\=d joined\n',
  );
});
