// How a handshake runs, whoever speaks: a generator asks for bytes and hands out bytes, and knows no connection.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ByteInput } from './byte-input.ts';

/** Whether the other end of TLS shows a certificate. */
export type TlsKind = 'Certificate' | 'Anonymous';
export type HandshakeStep = { readonly need: number } | { readonly send: Buffer } | { readonly startTls: TlsKind };
/** Gets the bytes it needed as the answer to its step. */
export type Handshake<T> = Generator<HandshakeStep, T, Buffer>;

const NOTHING = Buffer.alloc(0);

/** Bytes of the other end, kept until they are all there. */
export function* need(count: number): Handshake<Buffer> {
  return count === 0 ? NOTHING : yield { need: count };
}

export function* send(bytes: Buffer): Handshake<void> {
  yield { send: bytes };
}

/** From here on everything goes through TLS, in both directions. */
export function* startTls(kind: TlsKind): Handshake<void> {
  yield { startTls: kind };
}

/** Drives a {@link Handshake} over bytes as they come. */
export class HandshakeRun<T> {
  readonly #handshake: Handshake<T>;
  readonly #input = new ByteInput();
  #needed = 0;
  #startTls: TlsKind | undefined;
  #result: { readonly value: T } | undefined;

  constructor(handshake: Handshake<T>) {
    this.#handshake = handshake;
  }

  /** What the handshake came to; undefined while it runs. */
  get result(): { readonly value: T } | undefined {
    return this.#result;
  }

  /** Set while the handshake waits for TLS: go on with {@link secured}, and push what comes out of TLS from then on. */
  get startTls(): TlsKind | undefined {
    return this.#startTls;
  }

  /** TLS is there; what is to be sent first inside of it. Read it to its end. */
  *secured(): Generator<Buffer> {
    this.#startTls = undefined;
    yield* this.#advance(NOTHING);
  }

  /** What is to be sent before the other end says anything. Once, and read to its end. */
  *start(): Generator<Buffer> {
    yield* this.#advance(NOTHING);
  }

  /**
   * What is to be sent in answer; read it to its end. Throws what the handshake throws, after the answers before it. Once
   * there is a result, what was pushed too much is kept for {@link rest}.
   */
  *push(chunk: Buffer): Generator<Buffer> {
    if (this.#result !== undefined) throw new RangeError('the handshake is over');
    if (this.#startTls !== undefined) throw new RangeError('the handshake waits for TLS');
    this.#input.push(chunk);
    const bytes = this.#input.take(this.#needed);
    if (bytes !== undefined) yield* this.#advance(bytes);
  }

  /** Bytes after the handshake that came with its end, once. */
  rest(): Buffer {
    return this.#input.takeRest();
  }

  *#advance(answer: Buffer): Generator<Buffer> {
    for (let bytes = answer; ; ) {
      const step = this.#handshake.next(bytes);
      if (step.done === true) {
        this.#result = { value: step.value };
        return;
      }
      if ('send' in step.value) {
        yield step.value.send;
        bytes = NOTHING;
        continue;
      }
      if ('startTls' in step.value) {
        this.#awaitTls(step.value.startTls);
        return;
      }
      this.#needed = step.value.need;
      const next = this.#input.take(this.#needed);
      if (next === undefined) return;
      bytes = next;
    }
  }

  /** What was sent in the clear must not be taken for something that came through TLS (as in CVE-2011-0411 of STARTTLS). */
  #awaitTls(kind: TlsKind): void {
    const { length } = this.#input.takeRest();
    if (length > 0)
      throw new StreamSpaceError('RfbMalformed', `the other end sent ${length} bytes in the clear after TLS was agreed on`);
    this.#startTls = kind;
  }
}
