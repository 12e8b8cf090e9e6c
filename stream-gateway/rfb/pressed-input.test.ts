import { expect, test } from 'vitest';
import type { ClientMessage } from './client-messages.ts';
import { MAX_PRESSED_KEYS, PressedInput } from './pressed-input.ts';

const key = (keysym: number, down: boolean): ClientMessage => ({
  name: 'keyEvent',
  bytes: Buffer.from([4, down ? 1 : 0, 0, 0, 0, 0, keysym >> 8, keysym & 0xff]),
});
const qemu = (keycode: number, down: boolean): ClientMessage => ({
  name: 'qemuKeyEvent',
  bytes: Buffer.from([255, 0, 0, down ? 1 : 0, 0, 0, 0, 0x61, 0, 0, 0, keycode]),
});
const pointer = (...mask: readonly number[]): ClientMessage => ({
  name: 'pointerEvent',
  bytes: Buffer.from([5, mask[0] ?? 0, 0, 7, 0, 9, ...mask.slice(1)]),
});
const released = (...messages: readonly ClientMessage[]): readonly string[] => {
  const input = new PressedInput();
  for (const message of messages) expect(input.note(message)).toBe(true);
  return input.release().map((bytes) => bytes.toString('hex'));
};

test('what is down is let go, newest first, and nothing else', () => {
  expect(released(key(0xffe3, true), key(0x61, true), key(0x61, false), qemu(29, true))).toEqual([
    'ff0000000000006100000' + '01d',
    '040000000000ffe3',
  ]);
});

test('buttons are let go where the pointer is, also those beyond the seventh', () => {
  expect(released(pointer(1))).toEqual(['050000070009']);
  expect(released(pointer(0x80, 1))).toEqual(['050000070009']);
  expect(released(pointer(1), pointer(0))).toEqual([]);
  expect(released(pointer(0x80, 1), pointer(0x80, 0))).toEqual([]);
});

test('a second release has nothing to let go', () => {
  const input = new PressedInput();
  input.note(key(0x61, true));
  expect(input.release()).toHaveLength(1);
  expect(input.release()).toHaveLength(0);
});

test('a client that holds more keys than anybody has fingers is not followed further', () => {
  const input = new PressedInput();
  for (let keysym = 0; keysym < MAX_PRESSED_KEYS; keysym += 1) expect(input.note(key(keysym, true))).toBe(true);
  expect(input.note(key(9_999, true))).toBe(false);
  expect(input.note(key(3, true))).toBe(true); // a repeat
  expect(input.note(key(3, false))).toBe(true);
  expect(input.note(key(9_999, true))).toBe(true);
});
