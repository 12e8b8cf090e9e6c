// When the bar is shown: at first, at the top edge, by Ctrl+Alt+Shift, while a panel is open; else it hides by itself.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const HIDE_AFTER_MS = 3_000;
const EDGE_PX = 3;

export interface Bar {
  readonly shown: boolean;
  readonly show: () => void;
  readonly setPanel: (open: boolean) => void;
}

/** `held`: something on the page keeps the bar, such as a desktop that is not there yet. */
export function useBar(options: {
  readonly bar: RefObject<HTMLDivElement | null>;
  readonly held: boolean;
  /** Two of the keys are down in the desktop as well, and have to be let go of there. */
  readonly onKeys: () => void;
}): Bar {
  const { bar, held, onKeys } = options;
  const [awake, setAwake] = useState(true);
  const [panel, setPanel] = useState(false);
  const [inside, setInside] = useState(false);
  const [stirred, setStirred] = useState(0);
  const shown = awake || held || panel || inside;
  const shownNow = useRef(shown);
  useEffect(() => {
    shownNow.current = shown;
  });
  const show = useCallback(() => {
    setAwake(true);
    setStirred((before) => before + 1);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each stir starts the time anew
  useEffect(() => {
    if (!awake || held || panel || inside) return;
    const timer = setTimeout(() => setAwake(false), HIDE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [awake, held, panel, inside, stirred]);

  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      if (event.pointerType === 'mouse' && event.clientY <= EDGE_PX) show();
    };
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey && event.altKey && event.shiftKey) || event.repeat || !MODIFIERS.includes(event.key)) return;
      event.stopPropagation();
      event.preventDefault();
      onKeys();
      if (shownNow.current) {
        setAwake(false);
        setInside(false);
        return;
      }
      show();
      // The bar is inert until it is shown.
      requestAnimationFrame(() => bar.current?.querySelector<HTMLElement>('button')?.focus());
    };
    const element = bar.current;
    // A finger that is long gone still hovers, says a phone.
    const hovers = window.matchMedia('(hover: hover)').matches;
    const track = () =>
      setInside((hovers && element?.matches(':hover') === true) || element?.contains(document.activeElement) === true);
    // Capturing: the desktop takes every key and move for itself.
    window.addEventListener('pointermove', onPointer, true);
    window.addEventListener('keydown', onKey, true);
    for (const type of BAR_EVENTS) element?.addEventListener(type, track);
    return () => {
      window.removeEventListener('pointermove', onPointer, true);
      window.removeEventListener('keydown', onKey, true);
      for (const type of BAR_EVENTS) element?.removeEventListener(type, track);
    };
  }, [bar, onKeys, show]);

  return { shown, show, setPanel };
}

const MODIFIERS: readonly string[] = ['Control', 'Alt', 'Shift', 'Meta'];
const BAR_EVENTS = ['pointerenter', 'pointerleave', 'focusin', 'focusout'] as const;
