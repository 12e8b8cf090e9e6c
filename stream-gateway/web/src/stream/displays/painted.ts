// Where noVNC has painted: further windows copy just that. It draws each change onto its canvas with one drawImage, so that is
// listened to; nothing inside of noVNC is touched.
import type { DesktopScreen } from '../../../../../schemas/api/displays-notices.ts';

export type Area = Omit<DesktopScreen, 'id'>;

function watchPainted(canvas: HTMLCanvasElement, onPainted: (area: Area) => void): () => void {
  const context = canvas.getContext('2d');
  if (context === null) return () => undefined;
  const drawImage = context.drawImage;
  context.drawImage = new Proxy(drawImage, {
    apply(target, self, values: unknown[]) {
      Reflect.apply(target, self, values);
      const [x, y, width, height] = values.slice(-4);
      const whole = { x: 0, y: 0, width: canvas.width, height: canvas.height };
      const known = [x, y, width, height].every((value) => typeof value === 'number') && values.length === 9;
      onPainted(known ? { x: Number(x), y: Number(y), width: Number(width), height: Number(height) } : whole);
    },
  });
  return () => {
    context.drawImage = drawImage;
  };
}

/** @returns stops it */
export function watchCanvas(
  canvas: HTMLCanvasElement | null,
  { onPainted, onCursor }: { readonly onPainted: (area: Area) => void; readonly onCursor: () => void },
): () => void {
  if (canvas === null) return () => undefined;
  const unwatch = watchPainted(canvas, onPainted);
  const cursor = new MutationObserver(onCursor);
  cursor.observe(canvas, { attributes: true, attributeFilter: ['style'] });
  return () => {
    unwatch();
    cursor.disconnect();
  };
}

/** What of an area lies in a screen, in pixels of that screen; null: nothing. */
export function within(area: Area, screen: Area): Area | null {
  const x = Math.max(area.x, screen.x);
  const y = Math.max(area.y, screen.y);
  const width = Math.min(area.x + area.width, screen.x + screen.width) - x;
  const height = Math.min(area.y + area.height, screen.y + screen.height) - y;
  return width <= 0 || height <= 0 ? null : { x: x - screen.x, y: y - screen.y, width, height };
}

/** One area around both: a few pixels too many cost less than many calls. */
export function around(a: Area | null, b: Area): Area {
  if (a === null) return b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
