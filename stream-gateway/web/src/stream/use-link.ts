// The link as a hook: runs while the session runs, hands over state, viewer and the last picture.
import { type RefObject, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { StreamRight, TicketView } from '../../../../schemas/api/api.ts';
import type { DisplaysNotice } from '../../../../schemas/api/displays-notices.ts';
import type { PresenceNotice } from '../../../../schemas/api/presence-notices.ts';
import type { StreamNotice } from '../../../../schemas/api/stream-notices.ts';
import type { ObjectName } from '../api/client.ts';
import { useGateway } from '../api/context.tsx';
import { keepLinked, type LinkState } from './link.ts';
import { LinkFigures } from './link-figures.ts';
import { type PictureChoice, pictureOf } from './picture.ts';
import { PointerStore } from './pointers.ts';
import { usePictureChoice } from './use-picture.ts';
import { openViewer, type Scaling, type Viewer } from './viewer.ts';

export interface Link {
  readonly state: LinkState | null;
  readonly viewer: Viewer | null;
  /** When the first picture of this visit came. */
  readonly firstPictureAt: number | null;
  /** The last text that the desktop put on its clipboard. */
  readonly clipboard: string | null;
  /** Who is here; null before the gateway has said so. */
  readonly presence: PresenceNotice | null;
  readonly pointers: PointerStore;
  readonly figures: LinkFigures;
  readonly pictureChoice: PictureChoice;
  readonly choosePicture: (choice: PictureChoice) => void;
  readonly reconnect: () => void;
}

export function useLink(options: {
  readonly session: ObjectName;
  readonly right: StreamRight;
  readonly enabled: boolean;
  readonly scaling: Scaling;
  readonly screen: RefObject<HTMLElement | null>;
  /** Shown, greyed, while the link is lost. */
  readonly lastPicture: RefObject<HTMLImageElement | null>;
  /** What the gateway has to tell the person; the same function each time. */
  readonly onNotice: (notice: StreamNotice) => void;
  /** Which screens the desktop has; the same function each time. */
  readonly onDisplays?: ((notice: DisplaysNotice) => void) | undefined;
  /** Where tickets come from; left out: a right of one's own. The same function each time. */
  readonly ticket?: ((signal: AbortSignal) => Promise<TicketView>) | undefined;
}): Link {
  const { api } = useGateway();
  const { right, enabled, scaling, screen, lastPicture, onNotice, onDisplays, ticket: otherTicket } = options;
  const { namespace, name } = options.session;
  const [state, setState] = useState<LinkState | null>(null);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const [firstPictureAt, setFirstPictureAt] = useState<number | null>(null);
  const [clipboard, setClipboard] = useState<string | null>(null);
  const [presence, setPresence] = useState<PresenceNotice | null>(null);
  const [pointers] = useState(() => new PointerStore());
  const [figures] = useState(() => new LinkFigures());
  const [pictureChoice, choosePicture] = usePictureChoice();
  const step = useSyncExternalStore(figures.subscribe, () => figures.current().step);
  const picture = pictureOf(pictureChoice, step);
  const pictureNow = useRef(picture);
  const [round, setRound] = useState(0);
  const hurry = useRef(new AbortController());
  const scalingNow = useRef(scaling);

  useEffect(() => {
    scalingNow.current = scaling;
    viewer?.setScaling(scaling);
  }, [viewer, scaling]);

  useEffect(() => {
    pictureNow.current = picture;
    viewer?.setPicture(picture);
  }, [viewer, picture]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` starts anew after a refusal
  useEffect(() => {
    const target = screen.current;
    if (!enabled || target === null) return;
    const leaving = new AbortController();
    let current: Viewer | null = null;
    void keepLinked(
      {
        ticket: (signal) => otherTicket?.(signal) ?? api.createTicket({ namespace, name }, right, signal),
        open: (ticket) => {
          figures.begin();
          return openViewer({
            ...{ target, ticket, right, scaling: scalingNow.current, picture: pictureNow.current, onClipboard: setClipboard },
            onMoved: (direction, bytes) => figures.moved(direction, bytes, performance.now()),
            notices: {
              ...{ onNotice, onPresence: setPresence, onDisplays, onPointers: ({ at }) => pointers.moved(at, Date.now()) },
              onLink: (link) => figures.measured(link, performance.now()),
            },
          });
        },
        onState: (next) => {
          setState(next);
          if (next.state === 'connected') setFirstPictureAt((before) => before ?? Date.now());
        },
        onViewer: (next) => {
          if (next === null) keepPicture(current, lastPicture.current);
          else next.focus();
          current = next;
          setViewer(next);
          if (next === null) setPresence(null);
        },
        now: Date.now,
        random: Math.random,
      },
      leaving.signal,
      () => {
        hurry.current = new AbortController();
        return hurry.current.signal;
      },
    );
    const back = () => hurry.current.abort();
    window.addEventListener('online', back);
    return () => {
      window.removeEventListener('online', back);
      keepPicture(current, lastPicture.current);
      leaving.abort();
      setViewer(null);
      setState(null);
    };
  }, [api, namespace, name, right, enabled, screen, lastPicture, onNotice, onDisplays, otherTicket, pointers, figures, round]);

  const reconnect = useCallback(() => {
    hurry.current.abort();
    setRound((before) => before + 1);
  }, []);
  // What may be typed follows what the gateway lets through.
  const rightNow = presence?.people.find(({ id }) => id === presence.you)?.right;
  useEffect(() => {
    if (rightNow !== undefined) viewer?.setRight(rightNow);
  }, [viewer, rightNow]);
  const known = { clipboard, presence, pointers, figures };
  return { state, viewer, firstPictureAt, ...known, pictureChoice, choosePicture, reconnect };
}

/** An image and not a second canvas: on this page, the canvas is the desktop. */
function keepPicture(viewer: Viewer | null, image: HTMLImageElement | null): void {
  const picture = viewer?.picture() ?? null;
  if (picture === null || image === null) return;
  const canvas = document.createElement('canvas');
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
  image.src = canvas.toDataURL();
}
