import { expect, test } from 'vitest';
import type { StreamNotice } from '../../../../schemas/api/stream-notices.ts';
import { listenForNotices } from './notices.ts';

function listening() {
  const socket = new EventTarget();
  const notices: StreamNotice[] = [];
  const picture: unknown[] = [];
  listenForNotices(socket, (notice) => notices.push(notice));
  // As noVNC does it, afterwards.
  socket.addEventListener('message', (event) => picture.push(event instanceof MessageEvent ? event.data : null));
  return { notices, picture, receive: (data: unknown) => socket.dispatchEvent(new MessageEvent('message', { data })) };
}
const NOTICE: StreamNotice = { type: 'notice', code: 'ClipboardContent', message: 'Pasting was stopped (rule card-number).' };

test('a notice is told, and noVNC does not see it', () => {
  const { notices, picture, receive } = listening();
  receive(JSON.stringify(NOTICE));
  expect([notices, picture]).toEqual([[NOTICE], []]);
});

test('the picture is left to noVNC', () => {
  const { notices, picture, receive } = listening();
  const bytes = new Uint8Array([2]).buffer;
  receive(bytes);
  expect([notices, picture]).toEqual([[], [bytes]]);
});

test.each([
  ['no JSON', 'hello'],
  ['no object', '7'],
  ['null', 'null'],
  ['another type', JSON.stringify({ ...NOTICE, type: 'news' })],
  ['a code of a newer gateway', JSON.stringify({ ...NOTICE, code: 'Fax' })],
  ['a name that every object has', JSON.stringify({ ...NOTICE, code: 'toString' })],
  ['no message', JSON.stringify({ type: 'notice', code: 'KeyRate' })],
])('text that is %s is nothing, to nobody', (_name, data) => {
  const { notices, picture, receive } = listening();
  receive(data);
  expect([notices, picture]).toEqual([[], []]);
});
