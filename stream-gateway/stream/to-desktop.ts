// From the browser to the desktop: every message is judged; what is forwarded waits for the desktop with the browser paused.
// While a clipboard is judged, what comes after it waits too: a Ctrl+V must not overtake what it pastes.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type DenyRule, judgeClientMessage } from '../dlp/verdict.ts';
import { joined } from '../rfb/byte-input.ts';
import { type ClientMessage, type ClientMessageName, ClientMessageReader } from '../rfb/client-messages.ts';
import { resizeRefused } from '../rfb/desktop-size.ts';
import { keyDown, PressedInput } from '../rfb/pressed-input.ts';
import { TokenBucket } from './clipboard/token-bucket.ts';
import { isFenceRequest } from './fence-watch.ts';
import { maxFrameBytes } from './limits.ts';
import type { RelayContext } from './relay-context.ts';

/** Where the picture is changed on its way, these are between the browser and what changes it. */
const ABOUT_PICTURES: ReadonlySet<ClientMessageName> = new Set<ClientMessageName>([
  'setPixelFormat',
  'setEncodings',
  'framebufferUpdateRequest',
  'enableContinuousUpdates',
  'clientFence',
]);

/** What people do, as far as it goes to the desktop at once. A touch is a pointer. */
const INPUT: ReadonlyMap<ClientMessageName, 'Key' | 'Pointer'> = new Map([
  ['keyEvent', 'Key'],
  ['qemuKeyEvent', 'Key'],
  ['pointerEvent', 'Pointer'],
]);

export class ToDesktop {
  readonly #context: RelayContext;
  readonly #answer: (message: Buffer) => void;
  readonly #reader: ClientMessageReader;
  readonly #pressed = new PressedInput();
  readonly #rate: TokenBucket;
  /** Not read yet; more than one only while a clipboard is held. */
  readonly #chunks: Buffer[] = [];
  #chunkBytes = 0;
  /** Judged and not sent: neighbours in memory go out as one write. */
  #waiting: Buffer | undefined;
  /** What a person did of what was forwarded, the last; undefined: nothing that nobody was told of. */
  #input: 'Key' | 'Pointer' | undefined;
  #held = false;
  #receivedBytes = 0;

  /** @param answer sends the browser a message of the gateway's own */
  constructor(context: RelayContext, answer: (message: Buffer) => void) {
    const { negotiation, limits, clipboard } = context;
    this.#context = context;
    this.#answer = answer;
    this.#reader = new ClientMessageReader(negotiation, limits.rfb, (header) => clipboard.mayBeRead('client', header));
    const perSecond = limits.fromBrowserBytesPerSecond;
    this.#rate = new TokenBucket({ perSecond, burst: perSecond, now: context.now });
  }

  /** Whether the browser has to send more before anything can happen. */
  get unfinished(): boolean {
    return !this.#held && this.#reader.unfinished;
  }
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** @throws RfbUnknownMessage, RfbMalformed, RfbTooLarge, after what came before was forwarded */
  receive(bytes: Buffer): void {
    this.#receivedBytes += bytes.length;
    this.#chunks.push(bytes);
    this.#chunkBytes += bytes.length;
    // The browser is paused then: what still comes was in the buffers of this process, which are smaller.
    if (this.#held && this.#chunkBytes > maxFrameBytes(this.#context.limits))
      throw new StreamSpaceError('RfbTooLarge', 'the browser sent too much behind a clipboard that is being judged');
    this.#read();
    const waitMs = this.#rate.take(bytes.length);
    if (waitMs > 0) this.#pauseUntil((resume) => setTimeout(resume, waitMs).unref());
  }

  /** Lets go of what this browser still holds down. */
  release(): void {
    for (const bytes of this.#pressed.release()) this.#context.desktop.write(bytes);
  }

  #read(): void {
    const { desktop } = this.#context;
    try {
      for (let message = this.#next(); message !== undefined; message = this.#next()) this.#judge(message);
    } finally {
      this.#flush(); // what came before a bad message is still delivered
      if (this.#input !== undefined) this.#used(this.#input);
    }
    if (desktop.writableNeedDrain) this.#pauseUntil((resume) => desktop.once('drain', resume));
    const link = this.#context.pixels?.link;
    if (link?.isFull) this.#pauseUntil((resume) => void link.untilRoom().then(resume));
  }

  #forward(bytes: Buffer): void {
    const both = this.#waiting === undefined ? bytes : joined(this.#waiting, bytes);
    if (both === undefined) this.#flush();
    this.#waiting = both ?? bytes;
  }

  #flush(): void {
    const bytes = this.#waiting;
    this.#waiting = undefined;
    if (bytes !== undefined) this.#context.desktop.write(bytes);
  }

  /** Undefined: there is no whole one, or a clipboard is held. */
  #next(): ClientMessage | undefined {
    while (!this.#held) {
      const message = this.#reader.next();
      if (message !== undefined) return message;
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return undefined;
      this.#chunkBytes -= chunk.length;
      this.#reader.feed(chunk);
    }
    return undefined;
  }

  #judge(message: ClientMessage): void {
    const context = this.#context;
    const { pixels } = context;
    if (message.name === 'pointerEvent') context.seat?.pointed(message.bytes.readUInt16BE(2), message.bytes.readUInt16BE(4));
    const verdict = judgeClientMessage(message, {
      right: context.right,
      confirmed: context.negotiation.confirmed,
      limits: context.limits.rfb,
      displays: context.dlp.policy.displays,
    });
    if (verdict.action === 'deny') this.#deny(message.name, verdict.rule);
    else if (message.name === 'clientCutText') this.#clipboard(verdict.bytes);
    else if (this.#isKeyTooMany(message)) context.report.keyLeftOut(message.name);
    else if (!this.#pressed.note(message)) context.onDenied(message.name, 'tooManyKeys');
    else if (pixels !== undefined && ABOUT_PICTURES.has(message.name))
      pixels.link.fromBrowser({ name: message.name, bytes: verdict.bytes });
    else if (this.#isDueFence(message)) {
      this.#forward(verdict.bytes);
      this.#input = INPUT.get(message.name) ?? this.#input;
    }
  }

  /** Whoever asked for another size waits for an answer. */
  #deny(name: ClientMessageName, rule: DenyRule): void {
    const { negotiation, displays, onDenied } = this.#context;
    onDenied(name, rule);
    const status = rule === 'displays' ? 1 : rule === 'desktopSize' ? 2 : undefined;
    if (status === undefined) return;
    const refused = resizeRefused(negotiation, status);
    if (refused !== undefined) this.#answer(refused);
    displays.refused(negotiation, status);
  }

  #used(kind: 'Key' | 'Pointer'): void {
    const { seat, onInput } = this.#context;
    this.#input = undefined;
    seat?.typed();
    onInput(kind);
  }

  #clipboard(message: Buffer): void {
    const passed = this.#context.clipboard.pass('client', message);
    if (passed instanceof Promise) void this.#hold(passed);
    else if (passed !== undefined) this.#forward(passed);
  }

  async #hold(verdict: Promise<Buffer | undefined>): Promise<void> {
    const { browser, signal, onBrowserError } = this.#context;
    this.#held = true;
    browser.pause();
    try {
      const passed = await verdict;
      if (signal.aborted) return;
      if (passed !== undefined) this.#forward(passed);
      this.#held = false;
      this.#read();
    } catch (error) {
      onBrowserError(error);
    } finally {
      browser.resume();
    }
  }

  /** A key that goes up always passes, so that none stays down. */
  #isKeyTooMany(message: ClientMessage): boolean {
    const { dlp, now } = this.#context;
    const { keysPerSecond } = dlp.policy.current();
    if (keysPerSecond === undefined || keyDown(message) !== true) return false;
    return !dlp.allowance.keys.take(keysPerSecond, now());
  }

  /** False: an answer to a fence that was already given, or that nobody asked for. */
  #isDueFence({ name, bytes }: ClientMessage): boolean {
    if (name !== 'clientFence') return true;
    if (isFenceRequest(bytes)) {
      // Nothing needs it from somebody who only looks on.
      if (this.#context.right === 'control') return true;
      this.#context.onDenied(name, 'viewOnly');
      return false;
    }
    const answer = this.#context.fences.answer(bytes);
    if (answer === 'unasked') this.#context.onDenied(name, 'fenceUnasked');
    return answer === 'forward';
  }

  #pauseUntil(wait: (resume: () => void) => void): void {
    this.#context.browser.pause();
    wait(() => this.#context.browser.resume());
  }
}
