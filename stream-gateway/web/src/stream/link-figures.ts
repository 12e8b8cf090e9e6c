// What the link is like, outside of React's state: figures that change all the time, and the step that follows from them.
import type { LinkNotice } from '../../../../schemas/api/link-notices.ts';
import { type Adaptation, adapt, FIRST } from './adapt.ts';
import { Meter } from './meter.ts';

export interface Figures {
  /** Of the way to the gateway and of the gateway's to the desktop; null before they are known. */
  readonly roundTripMs: number | null;
  readonly desktopMs: number | null;
  /** Bytes a second. */
  readonly down: number;
  readonly up: number;
  /** Where the automatic choice of the picture is. */
  readonly step: number;
}

export class LinkFigures {
  #meters = { down: new Meter(), up: new Meter() };
  #adaptation: Adaptation = FIRST;
  #figures: Figures = { roundTripMs: null, desktopMs: null, down: 0, up: 0, step: FIRST.step };
  readonly #listeners = new Set<() => void>();

  /** A new connection: its way may be another. The step stays: it is mostly the same network. */
  begin(): void {
    this.#meters = { down: new Meter(), up: new Meter() };
    this.#adaptation = { ...FIRST, step: this.#adaptation.step, patience: this.#adaptation.patience };
    this.#tell({ ...this.#figures, roundTripMs: null, desktopMs: null, down: 0, up: 0 });
  }

  moved(direction: 'down' | 'up', bytes: number, nowMs: number): void {
    this.#meters[direction].add(bytes, nowMs);
  }

  measured({ roundTripMs, desktopMs }: LinkNotice, nowMs: number): void {
    this.#adaptation = adapt(this.#adaptation, roundTripMs);
    const { down, up } = this.#meters;
    const rates = { down: down.perSecond(nowMs), up: up.perSecond(nowMs) };
    this.#tell({ roundTripMs, desktopMs, ...rates, step: this.#adaptation.step });
  }

  readonly current = (): Figures => this.#figures;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(figures: Figures): void {
    this.#figures = figures;
    for (const listener of this.#listeners) listener();
  }
}
