// An engine as long as the player is shown, fed by the clock of the screen.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Engine, type EngineState, type Played } from '../../player/engine.ts';
import type { OpenPlayer } from '../../player/open-player.ts';
import { drawPicture } from './picture-canvas.tsx';

const NOTHING = { subscribe: () => () => undefined };

export function useEngine(open: OpenPlayer, address: string, played: Played) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [engine, setEngine] = useState<Engine>();
  useEffect(() => {
    const made = new Engine(open, address, (picture) => drawPicture(canvas.current, picture));
    setEngine(made);
    let frame = requestAnimationFrame(function next(nowMs) {
      made.tick(nowMs);
      frame = requestAnimationFrame(next);
    });
    return () => {
      cancelAnimationFrame(frame);
      made[Symbol.dispose]();
    };
  }, [open, address]);
  useEffect(() => {
    if (played.segments.length > 0) engine?.load(played);
  }, [engine, played]);
  const state: EngineState | undefined = useSyncExternalStore(engine?.subscribe ?? NOTHING.subscribe, () => engine?.state);
  return { engine, state, canvas };
}
