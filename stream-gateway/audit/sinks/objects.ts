// Events as objects of JSON lines, gzip: `PREFIX/2026/11/28/FIRST-LAST.jsonl.gz`, by the day of the first event (UTC) and the numbers of
// the first and last, so that names sort as events do. A batch that is sent again may come cut in another way; events have ids.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ObjectStorage } from '../../recording/storage/object-storage.ts';
import { type Deliver, eventJson } from './sink.ts';

export function objectsSink(storage: Pick<ObjectStorage, 'put'>, prefix: string): Deliver {
  return async (events, signal) => {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return;
    const numbers = [first, last].map(({ seq }) => String(seq).padStart(16, '0')).join('-');
    const key = `${prefix}/${first.at.slice(0, 10).replaceAll('-', '/')}/${numbers}.jsonl.gz`;
    const bytes = await promisify(gzip)(events.map((event) => `${eventJson(event)}\n`).join(''));
    await storage.put(key, bytes, { signal, replace: true });
  };
}
