// A stream on the pixel path: its link to a thread, the room of its browser, and the mark kept up to date.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { PipelineOptions } from '../../pixels/pipeline.ts';
import type { RfbLimits } from '../../rfb/limits.ts';
import type { BrowserSide } from '../browser-side.ts';
import type { StreamOptions } from '../stream-options.ts';
import type { StreamPolicy } from '../stream-policy.ts';
import { burnOf, changesPixels, type MarkFacts } from './burn-of-policy.ts';
import type { LinkFailed, PixelLink } from './pixel-link.ts';
import type { PixelWorkers } from './pixel-workers.ts';

interface PixelPathOptions extends Omit<PipelineOptions, 'burn'> {
  readonly workers: PixelWorkers;
  readonly policy: StreamPolicy;
  readonly facts: MarkFacts;
  readonly failed: LinkFailed;
}

export class PixelPath implements Disposable {
  readonly link: PixelLink;
  readonly #options: PixelPathOptions;
  /** As it was told last. */
  #burnt: string;
  #timer: NodeJS.Timeout | undefined;
  #hasRoom = true;

  constructor(options: PixelPathOptions) {
    const { workers, width, height, limits, failed } = options;
    this.#options = options;
    const burn = this.#burn();
    this.#burnt = JSON.stringify(burn);
    this.link = workers.link({ width, height, burn, ...(limits === undefined ? {} : { limits }) }, failed);
    this.#nextRefresh();
  }

  /** After a change of policy, and as time goes by. */
  refresh(): void {
    this.#nextRefresh();
    const burn = this.#burn();
    const text = JSON.stringify(burn);
    if (text === this.#burnt) return;
    this.#burnt = text;
    this.link.setBurn(burn);
  }

  /** A browser that is behind gets nothing more until it has caught up; then what is new by then. */
  watchRoom(browser: BrowserSide, isFull: boolean, signal: AbortSignal): void {
    if (!isFull || !this.#hasRoom) return;
    this.#hasRoom = false;
    this.link.setRoom(false);
    void browser.untilRoom(signal).then(() => {
      this.#hasRoom = true;
      this.link.setRoom(true);
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.link[Symbol.dispose]();
  }

  #burn() {
    return burnOf(this.#options.policy.current(), this.#options.facts, new Date());
  }

  #nextRefresh(): void {
    clearTimeout(this.#timer);
    const { watermark } = this.#options.policy.current();
    if (watermark === undefined) return;
    this.#timer = setTimeout(() => this.refresh(), watermark.refreshSeconds * 1_000).unref();
  }
}

/** Undefined where the policy leaves the picture as it is. @param size of the desktop, in pixels */
export function pixelPathOf(
  { dlp, pixels: workers, subject }: Pick<StreamOptions, 'dlp' | 'pixels' | 'subject'>,
  { width, height }: { readonly width: number; readonly height: number },
  limits: RfbLimits,
  failed: LinkFailed,
): PixelPath | undefined {
  if (!changesPixels(dlp.policy.current())) return undefined;
  const session = subject.object.slice(subject.object.indexOf('/') + 1);
  const facts = { user: subject.person, session, address: subject.sourceAddress ?? 'unknown' };
  return new PixelPath({ workers, width, height, limits, policy: dlp.policy, facts, failed });
}

/** The way of the pixels cannot change under a browser that has agreed on formats and encodings with one end of it. */
export function wayProblem(policy: StreamPolicy, path: PixelPath | undefined): StreamSpaceError | undefined {
  if (changesPixels(policy.current()) === (path !== undefined)) return undefined;
  return new StreamSpaceError('PolicyChanged', 'what the picture shows is changed by a policy; the page connects again');
}
