// Full screen, with the keys that a browser otherwise keeps (Esc, Alt+Tab) where it gives them.
import { useEffect, useState } from 'react';

interface KeyboardLock {
  lock?: (codes?: readonly string[]) => Promise<void>;
  unlock?: () => void;
}

export function useFullScreen(): { readonly fullScreen: boolean; readonly toggleFullScreen: () => void } {
  const [fullScreen, setFullScreen] = useState(document.fullscreenElement != null);
  useEffect(() => {
    const read = () => setFullScreen(document.fullscreenElement != null);
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }, []);
  const toggleFullScreen = () => {
    const { keyboard } = navigator as Navigator & { readonly keyboard?: KeyboardLock };
    if (document.fullscreenElement != null) {
      keyboard?.unlock?.();
      void document.exitFullscreen();
      return;
    }
    // Refused where the page is in a frame that may not: then it stays as it is.
    document.documentElement.requestFullscreen({ navigationUI: 'hide' }).then(
      () => keyboard?.lock?.(['Escape', 'AltLeft', 'AltRight', 'Tab', 'MetaLeft', 'MetaRight']).catch(() => undefined),
      () => undefined,
    );
  };
  return { fullScreen, toggleFullScreen };
}
