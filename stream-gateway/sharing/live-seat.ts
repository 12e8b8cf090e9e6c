// One seat of this replica: its right out of what it came with and what has become of that since.
import type { GatewayNotice } from '../../schemas/api/stream-notices.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { StreamRight } from '../dlp/view-only.ts';
import type { NewSeat, SeatNews } from '../store/seats.ts';
import type { ShareEntry } from '../stream/door/door-ports.ts';
import type { SeatedStream, StreamSeat } from '../stream/seat.ts';

/** What can take a right away, or give it, while a stream is open. */
export interface SeatState {
  /** What somebody who controls the session has decided. */
  readonly control: 'Given' | 'Taken' | null;
  /** No moderator is there. */
  readonly frozen: boolean;
  /** What the share gives now; null without one. */
  readonly shareMode: 'View' | 'Control' | null;
  /** Whether the policy lets others than those with a right of their own have control. */
  readonly mayBeGiven: boolean;
}

export const UNTOUCHED: SeatState = { control: null, frozen: false, shareMode: null, mayBeGiven: true };

const TOLD: Readonly<Record<StreamRight, GatewayNotice>> = {
  control: { type: 'notice', code: 'ControlGiven', message: 'You have control of this desktop now.' },
  view: { type: 'notice', code: 'ControlEnded', message: 'You look on only: control was taken back.' },
};

/** Who has a right of his own keeps it; of the others each step can only take away, but for what was given. Pure. */
export function rightOf(seat: Pick<NewSeat, 'owns' | 'baseRight'>, state: SeatState): StreamRight {
  if (state.frozen) return 'view';
  if (seat.owns && seat.baseRight === 'control') return 'control';
  if (state.control === 'Taken') return 'view';
  if (state.control === 'Given') return state.mayBeGiven ? 'control' : 'view';
  if (seat.owns) return seat.baseRight;
  return seat.baseRight === 'control' && state.shareMode !== 'View' && state.mayBeGiven ? 'control' : 'view';
}

export class LiveSeat implements StreamSeat {
  readonly facts: NewSeat;
  readonly via: ShareEntry | undefined;
  readonly #onPointed: () => void;
  readonly #listeners = new Set<() => void>();
  #state: SeatState;
  #stream: SeatedStream | undefined;
  #end: { readonly code: ErrorCode; readonly message: string } | undefined;
  #typed = false;
  #pointer: { readonly x: number; readonly y: number } | undefined;
  #moved = { local: false, told: false };
  #presence = '';

  constructor(facts: NewSeat, via: ShareEntry | undefined, state: SeatState, onPointed: () => void) {
    this.facts = facts;
    this.via = via;
    this.#state = state;
    this.#onPointed = onPointed;
  }

  get right(): StreamRight {
    return rightOf(this.facts, this.#state);
  }
  get changeable(): boolean {
    return !(this.facts.owns && this.facts.baseRight === 'control');
  }
  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  update(change: Partial<SeatState>): void {
    const before = this.right;
    this.#state = { ...this.#state, ...change };
    if (this.right === before) return;
    for (const listener of this.#listeners) listener();
    // Of a frozen session everybody reads already, with the time that is left.
    if (!this.#state.frozen) this.#stream?.notify(TOLD[this.right]);
  }

  typed(): void {
    this.#typed = true;
  }

  pointed(x: number, y: number): void {
    this.#pointer = { x, y };
    this.#moved = { local: true, told: true };
    this.#onPointed();
  }

  attach(stream: SeatedStream): void {
    this.#stream = stream;
    if (this.#end !== undefined) stream.close(this.#end.code, this.#end.message);
  }

  /** Also before there is a stream: then it ends as it opens. */
  close(code: ErrorCode, message: string): void {
    this.#end ??= { code, message };
    this.#stream?.close(code, message);
  }

  notify(notice: GatewayNotice): void {
    this.#stream?.notify(notice);
  }

  /** Who is here, if that is news to this one. */
  tellPresence(notice: GatewayNotice): void {
    const text = JSON.stringify(notice);
    if (this.#stream === undefined || text === this.#presence) return;
    this.#presence = text;
    this.#stream.notify(notice);
  }

  /** Where it points, once after each move. */
  takePointer(): { readonly x: number; readonly y: number } | undefined {
    const moved = this.#moved.local;
    this.#moved = { ...this.#moved, local: false };
    return moved ? this.#pointer : undefined;
  }

  /** What the other replicas have to know, once. */
  takeNews(): SeatNews & { readonly isNews: boolean } {
    const hasTyped = this.#typed;
    const pointer = this.#moved.told ? (this.#pointer ?? null) : null;
    this.#typed = false;
    this.#moved = { ...this.#moved, told: false };
    return { id: this.facts.id, hasTyped, pointer, isNews: hasTyped || pointer !== null };
  }
}
