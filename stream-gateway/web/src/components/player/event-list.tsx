// What happened, to be searched; choosing one goes to it.
import { NativeSelect, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { RecordingMark } from '../../api/sessions/recordings-api.ts';
import { clockText } from '../../model/recordings/recordings.ts';
import { listedEvents } from '../../model/recordings/timeline.ts';
import { text } from '../../text/text.ts';
import { kindWords, markWords } from './mark-words.ts';

const words = text.player.events;
/** More lines than this nobody reads. */
const MAX_SHOWN = 200;

export function EventList(props: {
  readonly marks: readonly RecordingMark[];
  readonly positionMs: number;
  readonly onSeek: (ms: number) => void;
}) {
  const [search, setSearch] = useState('');
  const [kind, setKind] = useState('');
  const events = useMemo(
    () => listedEvents(props.marks).map((event) => ({ ...event, said: markWords(event.mark, event.count) })),
    [props.marks],
  );
  const kinds = [...new Set(props.marks.map((mark) => mark.kind))].toSorted();
  const wanted = search.trim().toLowerCase();
  const found = events.filter(
    ({ mark, said }) => (kind === '' || mark.kind === kind) && `${kindWords(mark.kind)} ${said}`.toLowerCase().includes(wanted),
  );
  const current = found.findLastIndex(({ mark }) => mark.atMs <= props.positionMs);
  return (
    <section className="ss-player-events" aria-label={words.title}>
      <div className="ss-player-events-head">
        <h2>{words.title}</h2>
        <span className="ss-note">{words.count(found.length)}</span>
      </div>
      {events.length === 0 ? (
        <p className="ss-note">{words.none}</p>
      ) : (
        <>
          <div className="ss-player-events-find">
            <TextInput
              aria-label={words.search}
              placeholder={words.search}
              value={search}
              onChange={({ currentTarget }) => setSearch(currentTarget.value)}
            />
            <NativeSelect
              aria-label={words.kind}
              value={kind}
              onChange={({ currentTarget }) => setKind(currentTarget.value)}
              data={[{ value: '', label: words.every }, ...kinds.map((one) => ({ value: one, label: kindWords(one) }))]}
            />
          </div>
          {found.length === 0 ? <p className="ss-note">{words.nothing}</p> : null}
          <ol className="ss-player-event-list">
            {found.slice(0, MAX_SHOWN).map(({ mark, said }, index) => (
              <li key={`${mark.atMs} ${mark.kind} ${said}`}>
                <button
                  type="button"
                  data-kind={mark.kind}
                  aria-current={index === current}
                  onClick={() => props.onSeek(mark.atMs)}
                >
                  <span className="ss-player-event-time">{clockText(mark.atMs)}</span>
                  <span className="ss-player-event-dot" aria-hidden="true" />
                  <span>{said}</span>
                </button>
              </li>
            ))}
          </ol>
          {found.length > MAX_SHOWN ? <p className="ss-note">{words.more(found.length - MAX_SHOWN)}</p> : null}
        </>
      )}
    </section>
  );
}
