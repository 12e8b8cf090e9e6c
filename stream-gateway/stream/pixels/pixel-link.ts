// One stream's end of its pipeline in a thread. What waits is bounded on either side: whoever sends asks for room before.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { PipelineOptions } from '../../pixels/pipeline.ts';
import type { ClientMessage } from '../../rfb/client-messages.ts';
import type { PixelAnswer, PixelFailure, PixelInput } from './messages.ts';

/** Whose mistake it was, and what. */
export type LinkFailed = (side: 'browser' | 'desktop', error: StreamSpaceError) => void;

interface LinkPorts {
  readonly post: (input: PixelInput) => void;
  readonly failed: LinkFailed;
  readonly closed: () => void;
}

/** Chunks of the desktop whose answers are still to be handled. Two keep the thread busy. */
const MAX_CHUNKS = 2;
/** Messages of the browser likewise: each may be a few hundred bytes. */
const MAX_MESSAGES = 64;

export class PixelLink implements Disposable {
  readonly #ports: LinkPorts;
  readonly #answers: PixelAnswer[] = [];
  readonly #waiting = { desktop: 0, browser: 0 };
  #wakes: (() => void)[] = [];
  #closed = false;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  start(options: PipelineOptions): void {
    this.#post({ type: 'open', options });
  }

  /** Resolves when the next chunk may come, and at once when the link is closed. */
  async fromDesktop(bytes: Uint8Array): Promise<void> {
    this.#waiting.desktop += 1;
    this.#post({ type: 'desktop', bytes });
    while (this.#waiting.desktop >= MAX_CHUNKS && !this.#closed) await this.#change();
  }

  /** Judged already, and about the picture. */
  fromBrowser({ name, bytes }: ClientMessage): void {
    this.#waiting.browser += 1;
    this.#post({ type: 'browser', name, bytes });
  }

  get isFull(): boolean {
    return this.#waiting.browser >= MAX_MESSAGES;
  }

  async untilRoom(): Promise<void> {
    while (this.isFull && !this.#closed) await this.#change();
  }

  setRoom(hasRoom: boolean): void {
    this.#post({ type: 'room', hasRoom });
  }

  setBurn(burn: BurnOptions): void {
    this.#post({ type: 'burn', burn });
  }

  /** What the pipeline says, in order, until the link is closed. An answer counts as handled when the next is asked for. */
  async *answers(): AsyncGenerator<PixelAnswer> {
    for (;;) {
      const answer = this.#answers.shift();
      if (this.#closed) return;
      if (answer === undefined) {
        await this.#change();
        continue;
      }
      yield answer;
      if (answer.of === 'desktop' || answer.of === 'browser') this.#waiting[answer.of] -= 1;
      this.#wake();
    }
  }

  /** From the thread. */
  answered(answer: PixelAnswer | PixelFailure): void {
    if (answer.type === 'output') {
      this.#answers.push(answer);
      this.#wake();
    } else this.fail(answer.of === 'browser' ? 'browser' : 'desktop', new StreamSpaceError(answer.code, answer.message));
  }

  fail(side: 'browser' | 'desktop', error: StreamSpaceError): void {
    if (this.#closed) return;
    this[Symbol.dispose]();
    this.#ports.failed(side, error);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#post({ type: 'close' });
    this.#closed = true;
    this.#ports.closed();
    this.#wake();
  }

  #post(input: PixelInput): void {
    if (!this.#closed) this.#ports.post(input);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
