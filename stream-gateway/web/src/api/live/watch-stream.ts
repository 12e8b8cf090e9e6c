// Reads one event stream as events of a list. Ends when the server ends it; rejects when it falls silent or breaks.
import { createParser } from 'eventsource-parser';
import type { DeletedObject, ListedObject, WatchEvent } from './watch-events.ts';

/** The server sends a comment every 15 s; after this without a byte the connection is dead, whatever TCP thinks. */
export const SILENCE_MS = 40_000;

export async function* readWatch<T extends ListedObject>(
  body: ReadableStream<Uint8Array>,
  options: { readonly silenceMs?: number } = {},
): AsyncGenerator<WatchEvent<T>> {
  const ready: WatchEvent<T>[] = [];
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const parsed = parseEvent<T>(event ?? 'message', data);
      if (parsed !== null) ready.push(parsed);
    },
  });
  const reader = body.getReader();
  try {
    for (;;) {
      const chunk = await readInTime(reader, options.silenceMs ?? SILENCE_MS);
      if (chunk.done) return;
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    // Also when the consumer stops early: without it the connection stays open.
    reader.cancel().catch(() => undefined);
  }
}

async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  ms: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no byte for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Null for an event that this page does not know: a newer gateway may send more. */
function parseEvent<T extends ListedObject>(type: string, data: string): WatchEvent<T> | null {
  switch (type) {
    case 'snapshot':
      return { type, list: JSON.parse(data) as Extract<WatchEvent<T>, { type: 'snapshot' }>['list'] };
    case 'added':
    case 'changed':
      return { type, object: JSON.parse(data) as T };
    case 'deleted':
      return { type, metadata: (JSON.parse(data) as { readonly metadata: DeletedObject }).metadata };
    case 'bookmark':
    case 'resync':
      return { type };
    default:
      return null;
  }
}
