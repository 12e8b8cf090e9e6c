// A further window's hold on the main one: finds it, also after either of them was loaded anew, and says when it is gone.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ObjectName } from '../../api/client.ts';
import { type Attachment, doorOf, type FurtherState, type SharedLink } from '../../stream/displays/protocol.ts';
import type { Painting } from './further-screen.tsx';
import { deviceSize } from './use-displays.ts';

export type Held =
  /** No main window so far. */
  | { readonly kind: 'looking' }
  | {
      readonly kind: 'held';
      readonly attachment: Attachment;
      readonly state: FurtherState;
      readonly link: SharedLink;
      readonly cursor: string;
    }
  /** There was one, or there never has been; `since` in milliseconds. */
  | { readonly kind: 'alone'; readonly had: boolean; readonly since: number };

const LOOK_EVERY_MS = 250;
/** A main window that is loaded anew takes no longer. */
const LOOK_FOR_MS = 3_000;

export function useAttachment({ namespace, name }: ObjectName, slot: number) {
  const [held, setHeld] = useState<Held>({ kind: 'looking' });
  const [round, setRound] = useState(0);
  const painting = useRef<Painting | null>(null);
  const onReady = useCallback((ready: Painting | null) => {
    painting.current = ready;
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` tries anew
  useEffect(() => {
    let attachment: Attachment | null = null;
    const began = Date.now();
    const read = () => {
      if (attachment === null) return;
      const state = attachment.state();
      if (state.kind === 'over') {
        attachment = null;
        setHeld({ kind: 'alone', had: true, since: Date.now() });
      } else setHeld({ kind: 'held', attachment, state, link: attachment.link(), cursor: attachment.cursor() });
    };
    const look = () => {
      // A window that was closed or crashed says nothing any more.
      if (attachment !== null) {
        if (doorOf(window.opener, { namespace, name }) === null) {
          attachment = null;
          setHeld({ kind: 'alone', had: true, since: Date.now() });
        }
        return;
      }
      const door = doorOf(window.opener, { namespace, name });
      if (door !== null) {
        attachment = door.attach(slot, {
          ...{ window, size: deviceSize(), onChange: read },
          onPainted: (area) => painting.current?.paint(area),
        });
        read();
      } else if (Date.now() - began > LOOK_FOR_MS) setHeld((now) => (now.kind === 'looking' ? ALONE : now));
    };
    const leave = () => attachment?.detach();
    const resized = () => attachment?.resize(deviceSize());
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    window.addEventListener('pagehide', leave);
    window.addEventListener('resize', resized);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('resize', resized);
      leave();
    };
  }, [namespace, name, slot, round]);

  return { held, onReady, again: () => setRound((before) => before + 1) };
}

const ALONE: Held = { kind: 'alone', had: false, since: 0 };
