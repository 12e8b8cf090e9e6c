import { expect, test } from 'vitest';
import type { ClientMessage, ClientMessageName } from '../rfb/client-messages.ts';
import type { Extension } from '../rfb/negotiation.ts';
import { type DenyRule, judgeClientMessage, judgeServerMessage } from './verdict.ts';
import type { StreamRight } from './view-only.ts';

const ALL: ReadonlySet<Extension> = new Set([
  'extendedClipboard',
  'continuousUpdates',
  'fence',
  'desktopSize',
  'qemuKeyEvent',
  'extendedMouseButtons',
] as const);
const NONE: ReadonlySet<Extension> = new Set();

const zeros = (count: number): number[] => new Array(count).fill(0);
const BYTES: Readonly<Record<ClientMessageName, readonly number[]>> = {
  setPixelFormat: [0, ...zeros(19)],
  setEncodings: [2, 0, 0, 0],
  framebufferUpdateRequest: [3, ...zeros(9)],
  keyEvent: [4, 1, 0, 0, 0, 0, 0, 0x61],
  pointerEvent: [5, 1, 0, 0, 0, 0],
  clientCutText: [6, ...zeros(7)],
  enableContinuousUpdates: [150, 1, ...zeros(8)],
  clientFence: [248, ...zeros(8)],
  xvp: [250, 0, 1, 2],
  setDesktopSize: [251, 0, 3, 0, 2, 0, 1, 0, ...zeros(16)],
  qemuKeyEvent: [255, 0, 0, 1, ...zeros(8)],
};
const message = (name: ClientMessageName): ClientMessage => ({ name, bytes: Buffer.from(BYTES[name]) });
const judge = (of: ClientMessage, right: StreamRight, confirmed = ALL): 'forward' | DenyRule => {
  const verdict = judgeClientMessage(of, { right, confirmed });
  return verdict.action === 'forward' ? 'forward' : verdict.rule;
};

test.each([
  ['setPixelFormat', 'forward', 'forward', 'forward'],
  ['setEncodings', 'forward', 'forward', 'forward'],
  ['framebufferUpdateRequest', 'forward', 'forward', 'forward'],
  ['clientFence', 'forward', 'forward', 'notConfirmed'],
  ['keyEvent', 'viewOnly', 'forward', 'forward'],
  ['pointerEvent', 'viewOnly', 'forward', 'forward'],
  ['clientCutText', 'viewOnly', 'forward', 'forward'],
  ['enableContinuousUpdates', 'viewOnly', 'forward', 'notConfirmed'],
  ['setDesktopSize', 'viewOnly', 'forward', 'notConfirmed'],
  ['qemuKeyEvent', 'viewOnly', 'forward', 'notConfirmed'],
  ['xvp', 'powerControl', 'powerControl', 'powerControl'],
] as const)('G-30 %s: to look on %s, to control %s, before the desktop knows it %s', (name, view, control, unconfirmed) => {
  expect(judge(message(name), 'view')).toBe(view);
  expect(judge(message(name), 'control')).toBe(control);
  expect(judge(message(name), 'control', NONE)).toBe(unconfirmed);
});

test('an extended clipboard needs a desktop that knows it', () => {
  const extended: ClientMessage = { name: 'clientCutText', bytes: Buffer.from([6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfc, 0, 0, 0, 1]) };
  expect(judge(extended, 'control')).toBe('forward');
  expect(judge(extended, 'control', NONE)).toBe('notConfirmed');
});

test.each([
  ['of no width', [0, 0, 2, 0, 1]],
  ['of no screen', [3, 0, 2, 0, 0]],
  ['of more pixels than allowed', [0x40, 0, 0x40, 0, 1]],
])('a desktop %s is not asked for', (_name, [w1, w2, h1, h2, screens]) => {
  const bytes = Buffer.from([251, 0, w1 ?? 0, w2 ?? 0, h1 ?? 0, h2 ?? 0, screens ?? 0, 0, ...zeros(16 * (screens ?? 0))]);
  expect(judge({ name: 'setDesktopSize', bytes }, 'control')).toBe('desktopSize');
});

test('a policy limits screens and pixels of a desktop', () => {
  const asked = message('setDesktopSize'); // 768 by 512, one screen
  const judged = (displays: { readonly max?: number; readonly maxPixels?: number }) =>
    judgeClientMessage(asked, { right: 'control', confirmed: ALL, displays });
  expect(judged({ max: 1, maxPixels: 768 * 512 }).action).toBe('forward');
  expect(judged({ maxPixels: 768 * 512 - 1 })).toEqual({ action: 'deny', rule: 'displays' });
  expect(judged({ max: 0 })).toEqual({ action: 'deny', rule: 'displays' });
});

test('the mark of a longer pointer event does not reach a desktop that may take it for one', () => {
  const marked: ClientMessage = { name: 'pointerEvent', bytes: Buffer.from([5, 0x81, 0, 0, 0, 0]) };
  expect(judgeClientMessage(marked, { right: 'control', confirmed: NONE })).toEqual({
    action: 'forward',
    bytes: Buffer.from([5, 0x01, 0, 0, 0, 0]),
  });
  expect(marked.bytes[1]).toBe(0x81); // what was received is not changed under anybody's hands
});

test('who looks on sees the picture, but not the clipboard', () => {
  expect(judgeServerMessage('framebufferUpdate', 'view')).toBeUndefined();
  expect(judgeServerMessage('serverCutText', 'view')).toEqual({ deny: 'viewOnly' });
  expect(judgeServerMessage('serverCutText', 'control')).toBeUndefined();
  expect(judgeServerMessage('oversizedCutText', 'view')).toEqual({ deny: 'viewOnly' });
});
