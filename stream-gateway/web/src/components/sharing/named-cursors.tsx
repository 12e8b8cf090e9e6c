// Where the others point, each with a name, over the picture. A cursor that rests fades out.
import { type RefObject, useSyncExternalStore } from 'react';
import type { PresenceNotice } from '../../../../../schemas/api/presence-notices.ts';
import { colourOf } from '../../model/desktop/sharing.ts';
import type { PointerStore } from '../../stream/pointers.ts';
import { text } from '../../text/text.ts';
import { secondsUntil } from '../desktop/link-badge.tsx';
import { useNow } from '../ui/use-now.ts';
import '../../styles/sharing.css';

const FADES_AFTER_MS = 6_000;

export function NamedCursors(props: {
  readonly presence: PresenceNotice;
  readonly pointers: PointerStore;
  readonly screen: RefObject<HTMLElement | null>;
}) {
  const { presence, pointers, screen } = props;
  const at = useSyncExternalStore(pointers.subscribe, pointers.current);
  const now = useNow(1_000);
  const canvas = screen.current?.querySelector('canvas') ?? null;
  const frame = screen.current?.getBoundingClientRect();
  if (canvas === null || frame === undefined || canvas.width === 0) return null;
  const shown = canvas.getBoundingClientRect();
  return (
    <div className="ss-cursors" aria-hidden="true">
      {presence.people.map(({ id, name }) => {
        const pointer = at.get(id);
        if (pointer === undefined || id === presence.you || now - pointer.movedAt > FADES_AFTER_MS) return null;
        const left = shown.left - frame.left + (pointer.x * shown.width) / canvas.width;
        const top = shown.top - frame.top + (pointer.y * shown.height) / canvas.height;
        return (
          <span key={id} className="ss-cursor" style={{ transform: `translate(${left}px, ${top}px)`, color: colourOf(id) }}>
            <svg width="14" height="18" viewBox="0 0 14 18" aria-hidden="true">
              <path d="M1 1v14l4-3.5 2.5 5.5 2.5-1-2.5-5.5H13z" fill="currentColor" stroke="#0b0c0f" />
            </svg>
            <span style={{ backgroundColor: colourOf(id) }}>{name}</span>
          </span>
        );
      })}
    </div>
  );
}

/** Over everything, while nobody is there who moderates. */
export function ModeratorAway({ until }: { readonly until: string }) {
  const now = useNow(1000);
  return (
    <p className="ss-moderator-away" role="alert">
      {text.sharing.moderatorAway(secondsUntil(Date.parse(until), now))}
    </p>
  );
}
