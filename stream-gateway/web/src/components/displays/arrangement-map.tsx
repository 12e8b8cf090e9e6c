// The displays as they stand, to scale: dragged with the pointer, moved with the arrow keys.
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import {
  type Arrangement,
  boundsOf,
  cellAt,
  MAIN_SLOT,
  moveDisplay,
  moveTo,
  type Side,
  screensFor,
} from '../../model/desktop/displays.ts';
import { text } from '../../text/text.ts';

const ARROWS: Readonly<Record<string, Side>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'above',
  ArrowDown: 'below',
};
/** Of the map, in CSS pixels. */
const WIDTH = 320;
const HEIGHT = 140;

export function ArrangementMap(props: { readonly arrangement: Arrangement; readonly onArrange: (next: Arrangement) => void }) {
  const { arrangement, onArrange } = props;
  const words = text.displays;
  const map = useRef<HTMLDivElement | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const screens = screensFor(arrangement);
  const bounds = boundsOf(screens);
  const scale = Math.min(WIDTH / Math.max(1, bounds.width), HEIGHT / Math.max(1, bounds.height));

  const onKey = (slot: number) => (event: KeyboardEvent) => {
    const side = ARROWS[event.key];
    if (side === undefined) return;
    event.preventDefault();
    onArrange(moveDisplay(arrangement, slot, side));
  };
  const onDrop = (slot: number) => (event: PointerEvent) => {
    setDragged(null);
    const frame = map.current?.getBoundingClientRect();
    if (dragged !== slot || frame === undefined) return;
    const at = { x: (event.clientX - frame.left) / scale, y: (event.clientY - frame.top) / scale };
    const next = moveTo(arrangement, slot, cellAt(arrangement, at));
    if (JSON.stringify(next) !== JSON.stringify(arrangement)) onArrange(next);
  };
  return (
    <div ref={map} className="ss-displays-map" style={{ width: bounds.width * scale, height: bounds.height * scale }}>
      {screens.map((screen, index) => {
        const slot = arrangement[index]?.slot ?? MAIN_SLOT;
        const name = slot === MAIN_SLOT ? words.mainWindow : words.display(slot + 1);
        return (
          <button
            key={slot}
            type="button"
            className="ss-displays-tile"
            data-main={slot === MAIN_SLOT}
            data-dragged={dragged === slot}
            aria-label={`${name}, ${words.size(screen.width, screen.height)}. ${words.arrange}`}
            style={{
              left: screen.x * scale,
              top: screen.y * scale,
              width: screen.width * scale,
              height: screen.height * scale,
            }}
            onKeyDown={onKey(slot)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture?.(event.pointerId);
              setDragged(slot);
            }}
            onPointerUp={onDrop(slot)}
            onPointerCancel={() => setDragged(null)}
          >
            {slot + 1}
          </button>
        );
      })}
    </div>
  );
}
