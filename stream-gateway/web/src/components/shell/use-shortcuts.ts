// Keys that work on every page of the shell, but never while one types.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

const PLACES = { h: '/', c: '/catalog', s: '/sessions' } as const;
/** After `g`, this long for the second key. */
const CHORD_MS = 1_200;

export function useShortcuts(handlers: { readonly onSearch: () => void; readonly onHelp: () => void }): void {
  const navigate = useNavigate();
  const current = useRef(handlers);
  useEffect(() => {
    current.current = handlers;
  });
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        current.current.onSearch();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = event.timeStamp < chordUntil ? PLACES[event.key as keyof typeof PLACES] : undefined;
      chordUntil = 0;
      if (place !== undefined) void navigate({ to: place });
      else if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS;
      else if (event.key === '/') {
        event.preventDefault();
        current.current.onSearch();
      } else if (event.key === '?') current.current.onHelp();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}

/** Also true inside a dialog: its keys are its own. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, [role="dialog"], [role="menu"]') !== null;
}
