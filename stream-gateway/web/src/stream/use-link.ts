// The link as a hook: runs while the session runs, hands over state, viewer and the last picture.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { StreamRight } from '../../../../schemas/api/api.ts';
import type { StreamNotice } from '../../../../schemas/api/stream-notices.ts';
import type { ObjectName } from '../api/client.ts';
import { useGateway } from '../api/context.tsx';
import { keepLinked, type LinkState } from './link.ts';
import { openViewer, type Scaling, type Viewer } from './viewer.ts';

export interface Link {
  readonly state: LinkState | null;
  readonly viewer: Viewer | null;
  /** When the first picture of this visit came. */
  readonly firstPictureAt: number | null;
  /** The last text that the desktop put on its clipboard. */
  readonly clipboard: string | null;
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
}): Link {
  const { api } = useGateway();
  const { right, enabled, scaling, screen, lastPicture, onNotice } = options;
  const { namespace, name } = options.session;
  const [state, setState] = useState<LinkState | null>(null);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const [firstPictureAt, setFirstPictureAt] = useState<number | null>(null);
  const [clipboard, setClipboard] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const hurry = useRef(new AbortController());
  const scalingNow = useRef(scaling);

  useEffect(() => {
    scalingNow.current = scaling;
    viewer?.setScaling(scaling);
  }, [viewer, scaling]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` starts anew after a refusal
  useEffect(() => {
    const target = screen.current;
    if (!enabled || target === null) return;
    const leaving = new AbortController();
    let current: Viewer | null = null;
    void keepLinked(
      {
        ticket: (signal) => api.createTicket({ namespace, name }, right, signal),
        open: (ticket) => openViewer({ target, ticket, right, scaling: scalingNow.current, onClipboard: setClipboard, onNotice }),
        onState: (next) => {
          setState(next);
          if (next.state === 'connected') setFirstPictureAt((before) => before ?? Date.now());
        },
        onViewer: (next) => {
          if (next === null) keepPicture(current, lastPicture.current);
          else next.focus();
          current = next;
          setViewer(next);
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
  }, [api, namespace, name, right, enabled, screen, lastPicture, onNotice, round]);

  const reconnect = useCallback(() => {
    hurry.current.abort();
    setRound((before) => before + 1);
  }, []);
  return { state, viewer, firstPictureAt, clipboard, reconnect };
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
