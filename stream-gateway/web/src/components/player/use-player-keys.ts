// Keys of the player: they count where nothing else takes them, so what has the focus keeps its own.
import { useEffect, useRef } from 'react';

const STEP_MS = 5_000;
const LONG_STEP_MS = 30_000;

export interface PlayerKeys {
  readonly play: () => void;
  /** By so much. */
  readonly move: (ms: number) => void;
  readonly toStart: () => void;
  readonly toEnd: () => void;
  readonly fullScreen: () => void;
}

export function usePlayerKeys(keys: PlayerKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const action = event.defaultPrevented || isTaken(event) ? undefined : actionOf(event, latest.current);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function isTaken({ target, key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  if (ctrlKey || altKey || metaKey || !(target instanceof Element)) return true;
  if (target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog], [role=menu]') !== null)
    return true;
  return key === ' ' && target.closest('button, a, summary, input') !== null;
}

function actionOf({ key, shiftKey }: KeyboardEvent, keys: PlayerKeys): (() => void) | undefined {
  const stepMs = shiftKey ? LONG_STEP_MS : STEP_MS;
  switch (key) {
    case ' ':
      return keys.play;
    case 'ArrowLeft':
    case 'ArrowDown':
      return key === 'ArrowDown' && !onSlider() ? undefined : () => keys.move(-stepMs);
    case 'ArrowRight':
    case 'ArrowUp':
      return key === 'ArrowUp' && !onSlider() ? undefined : () => keys.move(stepMs);
    case 'Home':
      return keys.toStart;
    case 'End':
      return keys.toEnd;
    case 'f':
      return keys.fullScreen;
    default:
      return undefined;
  }
}

/** Elsewhere these scroll the page. */
function onSlider(): boolean {
  return document.activeElement?.getAttribute('role') === 'slider';
}
