// Several displays as a hook of the main window: the host of the further windows, the monitors, and the layout that is kept.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { DisplayPlace } from '../../../../../schemas/api/displays.ts';
import type { ObjectName } from '../../api/client.ts';
import { useGateway } from '../../api/context.tsx';
import { type Cell, placesOf, type Size } from '../../model/desktop/displays.ts';
import { cellsOf, fingerprintOf } from '../../model/desktop/monitors.ts';
import { DisplayHost } from '../../stream/displays/display-host.ts';
import type { DisplayStatus } from '../../stream/displays/display-status.ts';
import { type Monitors, ownMonitor, useMonitors, windowFeatures } from './use-monitors.ts';

export interface Displays {
  readonly host: DisplayHost;
  readonly status: DisplayStatus;
  readonly monitors: Monitors;
  readonly askForMonitors: () => void;
  /** A window on this monitor, by its number in their order. */
  readonly openOn: (monitor: number) => boolean;
  /** As they were here last time; null: nothing to offer. */
  readonly kept: readonly DisplayPlace[] | null;
  readonly openKept: () => void;
}

const SAVE_AFTER_MS = 1_000;

export function useDisplays({ namespace, name }: ObjectName, options: { readonly resizes: boolean }): Displays {
  const { monitors, ask } = useMonitors();
  const now = useRef({ monitors, resizes: options.resizes });
  useEffect(() => {
    now.current = { monitors, resizes: options.resizes };
  });
  const [host] = useState(() => hostOf({ namespace, name }, now));
  const status = useSyncExternalStore(host.subscribe, host.current);
  useDoor(host);
  const current = monitors.kind === 'known' ? monitors.current : null;
  useEffect(() => host.setMainMonitor(current), [host, current]);

  const { kept, save } = useKeptLayout(monitors);
  const { active, waits, arrangement } = status;
  useEffect(() => {
    if (!active || waits || arrangement.length < 2) return;
    const timer = setTimeout(() => save(placesOf(arrangement)), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [active, waits, arrangement, save]);

  return {
    ...{ host, status, monitors, kept: active ? null : kept },
    askForMonitors: ask,
    openOn: (monitor) => {
      if (monitors.kind !== 'known') return false;
      const cells = cellsOf(monitors.monitors);
      const known = new Map<number, number>([[0, monitors.current]]);
      for (const display of host.current().arrangement) if (display.monitor !== null) known.set(display.slot, display.monitor);
      return host.open('right', { monitor, plan: (slot) => planOf(known.set(slot, monitor), cells) });
    },
    openKept: () => {
      const [main, ...others] = kept ?? [];
      if (main === undefined) return;
      const plan = new Map<number, Cell>([[0, main]]);
      // The browser may let one window open for a click; the rest is opened with the next one.
      for (const place of others) {
        const monitor = monitors.kind === 'known' ? place.monitor : null;
        if (!host.open('right', { monitor, plan: (slot) => new Map(plan.set(slot, place)) })) break;
      }
    },
  };
}

function planOf(monitorOf: ReadonlyMap<number, number>, cells: readonly Cell[]): ReadonlyMap<number, Cell> {
  return new Map(
    [...monitorOf].flatMap(([slot, monitor]) => {
      const cell = cells[monitor];
      return cell === undefined ? [] : [[slot, cell]];
    }),
  );
}

/** In device pixels: what is sharp on this monitor. */
export function deviceSize(): Size {
  const ratio = window.devicePixelRatio;
  return {
    width: Math.max(1, Math.round(window.innerWidth * ratio)),
    height: Math.max(1, Math.round(window.innerHeight * ratio)),
  };
}

function hostOf(
  session: ObjectName,
  now: { readonly current: { readonly monitors: Monitors; readonly resizes: boolean } },
): DisplayHost {
  const path = [session.namespace, session.name].map(encodeURIComponent).join('/');
  return new DisplayHost({
    session,
    open: (slot, monitor) => {
      const { monitors } = now.current;
      const on = monitors.kind === 'known' && monitor !== null ? (monitors.monitors[monitor] ?? null) : null;
      return window.open(`/s/${path}/displays/${slot}`, `streamspace ${path} ${slot}`, windowFeatures(on));
    },
    mainSize: deviceSize,
    // As noVNC asks for it with one screen.
    soleSize: () => (now.current.resizes ? { width: window.innerWidth, height: window.innerHeight } : null),
    setTimer: (act, ms) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    now: Date.now,
  });
}

/** Further windows find the host at this window for as long as it shows the desktop. */
function useDoor(host: DisplayHost): void {
  useEffect(() => {
    const close = () => {
      if (window.streamspaceDisplays === host) delete window.streamspaceDisplays;
      host[Symbol.dispose]();
    };
    const resized = () => host.resized();
    window.streamspaceDisplays = host;
    window.addEventListener('resize', resized);
    window.addEventListener('pagehide', close);
    return () => {
      window.removeEventListener('resize', resized);
      window.removeEventListener('pagehide', close);
      close();
    };
  }, [host]);
}

function useKeptLayout(monitors: Monitors) {
  const { api } = useGateway();
  const [fingerprint, setFingerprint] = useState<string | null>(null);
  useEffect(() => {
    let isLatest = true;
    void fingerprintOf(monitors.kind === 'known' ? monitors.monitors : [ownMonitor()]).then((found) => {
      if (isLatest) setFingerprint(found);
    });
    return () => {
      isLatest = false;
    };
  }, [monitors]);
  const query = useQuery({
    queryKey: ['display-layout', fingerprint],
    queryFn: ({ signal }) => api.displayLayout(fingerprint ?? '', signal),
    enabled: fingerprint !== null,
    staleTime: 60_000,
  });
  // A layout that could not be kept is no trouble now, and is kept with the next change.
  const { mutate } = useMutation({
    mutationFn: (layout: { readonly fingerprint: string; readonly displays: readonly DisplayPlace[] }) =>
      api.saveDisplayLayout(layout.fingerprint, { displays: [...layout.displays] }),
  });
  const save = useCallback(
    (displays: readonly DisplayPlace[]) => {
      if (fingerprint !== null) mutate({ fingerprint, displays });
    },
    [fingerprint, mutate],
  );
  const displays = query.data?.displays ?? null;
  return { kept: displays !== null && displays.length > 1 ? displays : null, save };
}
