// The picture of a further window: copies what has changed from the canvas of the main window, once a frame, and takes the input.
import { useEffect, useRef } from 'react';
import { partOf } from '../../model/desktop/displays.ts';
import { type Area, around, within } from '../../stream/displays/painted.ts';
import type { Attachment } from '../../stream/displays/protocol.ts';
import { text } from '../../text/text.ts';
import { FurtherInput } from './further-input.ts';
import { useWindowSize } from './use-spread.ts';

export interface Painting {
  /** In pixels of the desktop; null: all of it. */
  paint(area: Area | null): void;
}

export function FurtherScreen(props: {
  readonly attachment: Attachment;
  readonly screen: Area;
  readonly cursor: string;
  readonly number: number;
  readonly name: string;
  /** Where the host says what was painted. */
  readonly onReady: (painting: Painting | null) => void;
}) {
  const { attachment, screen, cursor, number, name, onReady } = props;
  const { x, y, width, height } = screen;
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const field = useRef<HTMLTextAreaElement | null>(null);
  const size = useWindowSize();
  const place = partOf({ width, height }, { x: 0, y: 0, width, height }, size);

  useEffect(() => {
    const context = canvas.current?.getContext('2d') ?? null;
    if (context === null) return;
    const area = { x, y, width, height };
    const painting = paintingOn(context, area, attachment);
    painting.paint(null);
    onReady(painting);
    return () => onReady(null);
  }, [attachment, x, y, width, height, onReady]);

  useEffect(() => {
    if (canvas.current === null || field.current === null) return;
    const area = { x, y, width, height };
    const input = new FurtherInput({ canvas: canvas.current, field: field.current, attachment, screen: area });
    return () => input[Symbol.dispose]();
  }, [attachment, x, y, width, height]);

  return (
    <>
      <canvas
        ref={canvas}
        className="ss-further-canvas"
        width={width}
        height={height}
        aria-label={text.displays.screen(number, name)}
        style={{ left: place.left, top: place.top, width: place.width, height: place.height, cursor }}
      />
      <textarea
        ref={field}
        className="ss-soft-keyboard"
        aria-label={text.displays.input(number)}
        autoCapitalize="off"
        autoCorrect="off"
        autoComplete="off"
        spellCheck={false}
      />
    </>
  );
}

/** Many changes within a frame become one copy. */
function paintingOn(context: CanvasRenderingContext2D, screen: Area, attachment: Attachment): Painting {
  let dirty: Area | null = null;
  return {
    paint(area) {
      const part = area === null ? { ...screen, x: 0, y: 0 } : within(area, screen);
      if (part === null) return;
      if (dirty === null) requestAnimationFrame(copy);
      dirty = around(dirty, part);
    },
  };
  function copy(): void {
    const part = dirty;
    dirty = null;
    const source = attachment.canvas();
    if (part === null || source === null) return;
    const { x, y, width, height } = part;
    context.drawImage(source, screen.x + x, screen.y + y, width, height, x, y, width, height);
  }
}
