import { expect, test } from 'vitest';
import type { StreamNotice } from '../../../../schemas/api/stream-notices.ts';
import { listenForNotices } from './notices.ts';

function listening() {
  const socket = new EventTarget();
  const notices: StreamNotice[] = [];
  const picture: unknown[] = [];
  const others: unknown[] = [];
  listenForNotices(socket, {
    onNotice: (notice) => notices.push(notice),
    onPresence: (presence) => others.push(presence),
    onPointers: (pointers) => others.push(pointers),
    onDisplays: (displays) => others.push(displays),
  });
  // As noVNC does it, afterwards.
  socket.addEventListener('message', (event) => picture.push(event instanceof MessageEvent ? event.data : null));
  return { notices, others, picture, receive: (data: unknown) => socket.dispatchEvent(new MessageEvent('message', { data })) };
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

const PERSON = {
  ...{ id: 'a', name: 'Ada', guest: false, owns: true, right: 'control', since: '2026-01-01T10:00:00Z' },
  ...{ typing: false, asking: false },
};
const PRESENCE = {
  type: 'presence',
  you: 'a',
  people: [PERSON],
  waiting: [{ id: 'w', name: 'Guest' }],
  moderatorAwayUntil: null,
};
const SCREEN = { id: 4_294_967_295, x: 0, y: 0, width: 800, height: 600 };
const DISPLAYS = { type: 'displays', width: 800, height: 600, screens: [SCREEN], by: 'you', status: 'prohibited' };
const POINTERS = { type: 'pointers', at: [{ id: 'a', x: 1, y: 2 }] };

test('who is here and where they point comes apart from what was stopped', () => {
  const { notices, others, receive } = listening();
  receive(JSON.stringify(PRESENCE));
  receive(JSON.stringify(POINTERS));
  receive(JSON.stringify(DISPLAYS));
  expect([notices, others]).toEqual([[], [PRESENCE, POINTERS, DISPLAYS]]);
});

test.each([
  ['a person without a name', { ...PRESENCE, people: [{ ...PERSON, name: 7 }] }],
  ['a right that there is not', { ...PRESENCE, people: [{ ...PERSON, right: 'root' }] }],
  ['somebody who waits without an id', { ...PRESENCE, waiting: [{ name: 'x' }] }],
  ['a pointer between pixels', { ...POINTERS, at: [{ id: 'a', x: 1.5, y: 2 }] }],
  ['a screen of no size', { ...DISPLAYS, screens: [{ ...SCREEN, width: null }] }],
  ['a screen with an id of five bytes', { ...DISPLAYS, screens: [{ ...SCREEN, id: 2 ** 32 }] }],
  ['a status that there is not', { ...DISPLAYS, status: 'maybe' }],
  ['no list', { ...POINTERS, at: 'everywhere' }],
])('%s is nothing, to nobody', (_name, data) => {
  const { notices, others, picture, receive } = listening();
  receive(JSON.stringify(data));
  expect([notices, others, picture]).toEqual([[], [], []]);
});
