// Where the picture of the main window lies while it shows one screen of several.
import { type CSSProperties, useEffect, useState } from 'react';
import { partOf, type Size } from '../../model/desktop/displays.ts';
import type { DisplayStatus } from '../../stream/displays/display-status.ts';

export function useSpread({ main, framebuffer }: DisplayStatus): CSSProperties | undefined {
  const size = useWindowSize();
  if (main === null || framebuffer === null) return undefined;
  return { inset: 'auto', ...partOf(framebuffer, main, size) };
}

/** In CSS pixels. */
export function useWindowSize(): Size {
  const [size, setSize] = useState<Size>({ width: window.innerWidth, height: window.innerHeight });
  useEffect(() => {
    const read = () => setSize({ width: window.innerWidth, height: window.innerHeight });
    window.addEventListener('resize', read);
    return () => window.removeEventListener('resize', read);
  }, []);
  return size;
}
