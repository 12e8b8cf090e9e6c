import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { ListedObject, WatchEvent } from './watch-events.ts';
import { readWatch } from './watch-stream.ts';

const STREAM = new TextEncoder().encode(
  [
    ': hello\n\n',
    'event: snapshot\ndata: {"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"uid":"u","name":"ä","resourceVersion":"1"}}]}\n\n',
    ': heartbeat\n\n',
    'event: something-new\ndata: {}\n\n',
    'id: 7\nevent: deleted\ndata: {"metadata":{"uid":"u","name":"ä"}}\n\n',
    'event: resync\ndata: {}\n\n',
  ].join(''),
);

function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(chunks: readonly Uint8Array[]): Promise<readonly WatchEvent<ListedObject>[]> {
  return Array.fromAsync(readWatch<ListedObject>(bodyOf(chunks)));
}

test('a stream cut at any place gives the same events, unknown ones left out', async () => {
  const whole = await read([STREAM]);
  expect(whole.map(({ type }) => type)).toEqual(['snapshot', 'deleted', 'resync']);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: STREAM.length }), { maxLength: 6 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const chunks = places.slice(1).map((end, index) => STREAM.subarray(places[index], end));
      expect(await read(chunks)).toEqual(whole);
    }),
  );
});

test('a connection that falls silent is given up and closed', async () => {
  vi.useFakeTimers();
  let cancelled = false;
  const silent = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true;
    },
  });
  const next = readWatch<ListedObject>(silent, { silenceMs: 1000 }).next();
  const rejected = expect(next).rejects.toThrow('no byte for 1000 ms');
  await vi.advanceTimersByTimeAsync(1000);
  await rejected;
  expect(cancelled).toBe(true);
});
