// The monitors of this device, where the browser tells them and the person allows it (Window Management API, Chromium only).
import { useCallback, useEffect, useState } from 'react';
import { inOrder, type Monitor } from '../../model/desktop/monitors.ts';

export interface PlacedMonitor extends Monitor {
  readonly availLeft: number;
  readonly availTop: number;
  readonly availWidth: number;
  readonly availHeight: number;
}

export type Monitors =
  /** This browser tells nobody. */
  | { readonly kind: 'unsupported' }
  /** It would ask the person. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'denied' }
  /** From the left. `current`: the one of this window. */
  | { readonly kind: 'known'; readonly monitors: readonly PlacedMonitor[]; readonly current: number };

interface ScreenDetails extends EventTarget {
  readonly screens: readonly PlacedMonitor[];
  readonly currentScreen: PlacedMonitor;
}

type WithDetails = Window & { getScreenDetails(): Promise<ScreenDetails> };
const hasDetails = (window: Window): window is WithDetails => 'getScreenDetails' in window;

export function useMonitors(): { readonly monitors: Monitors; readonly ask: () => void } {
  const [monitors, setMonitors] = useState<Monitors>(hasDetails(window) ? { kind: 'ask' } : { kind: 'unsupported' });
  const [details, setDetails] = useState<ScreenDetails | null>(null);
  const ask = useCallback(() => {
    if (!hasDetails(window)) return;
    window.getScreenDetails().then(setDetails, () => setMonitors({ kind: 'denied' }));
  }, []);

  useEffect(() => {
    // A permission that was given before needs no click.
    void permission().then((state) => {
      if (state === 'granted') ask();
      else if (state === 'denied') setMonitors({ kind: 'denied' });
    });
  }, [ask]);

  useEffect(() => {
    if (details === null) return;
    const read = () => {
      const list = inOrder(details.screens);
      setMonitors({ kind: 'known', monitors: list, current: Math.max(0, list.indexOf(details.currentScreen)) });
    };
    read();
    for (const type of DETAIL_EVENTS) details.addEventListener(type, read);
    return () => {
      for (const type of DETAIL_EVENTS) details.removeEventListener(type, read);
    };
  }, [details]);
  return { monitors, ask };
}

const DETAIL_EVENTS = ['screenschange', 'currentscreenchange'] as const;

async function permission(): Promise<PermissionState | null> {
  // TypeScript's list of names is that of an older browser.
  const descriptor: { readonly name: string } = { name: 'window-management' };
  try {
    return (await navigator.permissions.query(descriptor as PermissionDescriptor)).state;
  } catch {
    return null;
  }
}

/** Of this window alone, for browsers that tell no more: enough to find a kept layout again. */
export function ownMonitor(): Monitor {
  const { width, height } = window.screen;
  return { left: 0, top: 0, width, height, devicePixelRatio: window.devicePixelRatio, label: '' };
}

/** For `window.open`: all of a monitor, or a window of a good size. */
export function windowFeatures(monitor: PlacedMonitor | null): string {
  if (monitor === null) {
    const width = Math.min(1280, Math.round(window.screen.availWidth * 0.8));
    return `popup,width=${width},height=${Math.min(800, Math.round(window.screen.availHeight * 0.8))}`;
  }
  const { availLeft, availTop, availWidth, availHeight } = monitor;
  return `popup,left=${availLeft},top=${availTop},width=${availWidth},height=${availHeight}`;
}
