// A list of the API that is watched: server-sent events, as a page reads them.
import { createParser } from 'eventsource-parser';
import type { Servers } from './servers.ts';

export interface ListEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: {
    readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
    readonly items?: readonly { readonly metadata: { readonly name: string; readonly namespace: string } }[];
  };
}

export interface WatchedList extends AsyncDisposable {
  readonly events: readonly ListEvent[];
  readonly status: number;
  /** True once the server has ended it. */
  readonly ended: () => boolean;
}

/** Opens one; what comes is collected until it is disposed of. */
export async function watchList(servers: Servers, path: string, headers: Readonly<Record<string, string>>): Promise<WatchedList> {
  const controller = new AbortController();
  const response = await fetch(`${servers.url}/api/v1${path}`, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: controller.signal,
  });
  const events: ListEvent[] = [];
  let ended = false;
  const parser = createParser({
    onEvent: ({ event, id, data }) => events.push({ type: event ?? '', id, data: JSON.parse(data) as ListEvent['data'] }),
  });
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  })()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  return {
    events,
    status: response.status,
    ended: () => ended,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await reading;
    },
  };
}
