import { expect, test } from 'vitest';
import type { CutTextHeader, CutTextSender } from '../../rfb/cut-text.ts';
import type { ServerPiece } from '../../rfb/server-messages.ts';
import { HeldClips } from './held-clips.ts';

/** A clipboard relay that keeps up to 100 bytes and answers when the test says so. */
function held() {
  const asked: { readonly message: Buffer; readonly answer: (bytes: Buffer | undefined) => void }[] = [];
  const clipboard = {
    mayBeRead: (_sender: CutTextSender, { length }: CutTextHeader) => length <= 100,
    pass: (_sender: CutTextSender, message: Buffer) => {
      const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
      asked.push({ message, answer: resolve });
      return promise;
    },
  };
  const went: string[] = [];
  const clips: HeldClips = new HeldClips(clipboard, () => went.push(...[...clips.takeReady()].map(String)));
  return { clips, asked, went };
}
const HEADER = (length: number): Buffer => {
  const bytes = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeInt32BE(length, 4);
  return bytes;
};
const piece = (bytes: Buffer, end: boolean, message: ServerPiece['message'] = 'serverCutText'): ServerPiece => ({
  message,
  bytes,
  end,
});

test('a clipboard is judged whole, however its pieces are cut', () => {
  const { clips, asked } = held();
  const message = Buffer.concat([HEADER(5), Buffer.from('hello')]);
  for (const [index, byte] of message.entries()) clips.add(piece(Buffer.of(byte), index === message.length - 1));
  expect(asked.map((entry) => entry.message)).toEqual([message]);
});

test.each(['serverCutText', 'oversizedCutText'] as const)('of a %s above the limit the header alone is kept', (name) => {
  const { clips, asked } = held();
  clips.add(piece(Buffer.concat([HEADER(1_000_000), Buffer.alloc(100)]), false, name));
  for (let count = 0; count < 100; count += 1) clips.add(piece(Buffer.alloc(9_999), count === 99, name));
  expect(clips.gatheredBytes).toBe(0);
  expect(asked.map((entry) => entry.message)).toEqual([HEADER(1_000_000)]);
});

test('they leave in the order in which they came, and what was denied leaves no gap', async () => {
  const { clips, asked, went } = held();
  for (let count = 0; count < 3; count += 1) clips.add(piece(HEADER(0), true));
  clips.put(Buffer.from('own'));
  asked[2]?.answer(Buffer.from('three'));
  asked[1]?.answer(undefined);
  await Promise.resolve();
  expect(went).toEqual([]);
  asked[0]?.answer(Buffer.from('one'));
  await expect.poll(() => went).toEqual(['one', 'three', 'own']);
});

test('with four of them held there is room again when the first has gone', async () => {
  const { clips, asked, went } = held();
  for (let count = 0; count < 4; count += 1) clips.add(piece(HEADER(0), true));
  expect(clips.isFull).toBe(true);
  const room = clips.untilRoom();
  asked[0]?.answer(Buffer.from('one'));
  await room;
  expect([clips.isFull, went]).toEqual([false, ['one']]);
});
