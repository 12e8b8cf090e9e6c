// From the spool to the storage: a segment at a time, in their order, again and again until it works. The stream never waits for
// it. What was cut off by a restart begins with the segment that is still on the disk; sent twice it is stored once.
import type { KeyObject } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { parseRecordingEvent } from '../format/event.ts';
import { MANIFEST_FILE, type SegmentEntry, signManifest } from '../format/manifest.ts';
import { SegmentReader } from '../format/segment-reader.ts';
import type { RecordingIndex, TimedEvent } from '../index-port.ts';
import { isFileError } from '../storage/files.ts';
import type { ObjectStorage } from '../storage/object-storage.ts';
import { RecordingSpool } from './spool.ts';

export interface UploadPorts {
  readonly storage: ObjectStorage;
  readonly index: RecordingIndex;
  /** Ed25519. */
  readonly signingKey: KeyObject;
  /** Told of each failure; it is tried again. */
  readonly failed: (error: unknown) => void;
  /** The recording's data key, for its marks; undefined where it cannot be had. */
  readonly keyOf: (spool: RecordingSpool) => Promise<Buffer | undefined>;
}

const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** A manifest of a long recording is large; who reads one in progress asks the index. */
const MANIFEST_EVERY_MS = 300_000;

export class SpoolUpload {
  readonly #folder: string;
  readonly #ports: UploadPorts;
  readonly #retryMs: number;
  readonly #told = new Set<string>();
  #woken = Promise.withResolvers<void>();
  #manifestAt: number | undefined;

  /** @param folder of one recording; it is gone when everything of an ended one is stored @param retryMs of the first retry */
  constructor(folder: string, ports: UploadPorts, retryMs = RETRY_MS) {
    this.#folder = folder;
    this.#ports = ports;
    this.#retryMs = retryMs;
  }

  /** There is something new in the spool. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Resolves when an ended or paused recording is stored as a whole; rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; ) {
      this.#woken = Promise.withResolvers<void>();
      try {
        if (await this.#pass(signal)) return;
        attempt = 0;
      } catch (error) {
        signal.throwIfAborted();
        this.#ports.failed(error);
        const waitMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2 ** attempt);
        attempt += 1;
        await delay(waitMs * (0.75 + Math.random() / 2), signal);
        continue;
      }
      await Promise.race([this.#woken.promise, delay(MANIFEST_EVERY_MS, signal)]);
    }
  }

  /** @returns whether nothing is left to do */
  async #pass(signal: AbortSignal): Promise<boolean> {
    const spool = await RecordingSpool.open(this.#folder);
    if (spool === undefined) return true;
    try {
      return await this.#store(spool, signal);
    } catch (error) {
      if (!(error instanceof StreamSpaceError) || error.code !== 'RecordingDeleted') throw error;
      await this.#forget(spool, signal);
      return true;
    }
  }

  /** Somebody, or its retention, has deleted it meanwhile: what this replica still had of it goes too, and what it has just stored. */
  async #forget(spool: RecordingSpool, signal: AbortSignal): Promise<void> {
    const { storage } = this.#ports;
    for await (const { key } of storage.list(spool.facts.prefix, { signal })) await storage.delete(key, { signal });
    await spool.remove();
  }

  async #store(spool: RecordingSpool, signal: AbortSignal): Promise<boolean> {
    await this.#begin(spool);
    for (const segment of spool.segments) await this.#segment(spool, segment, signal);
    for (const gap of spool.gaps)
      await this.#once(`gap ${gap.fromMs} ${gap.toMs}`, () => this.#ports.index.gap(spool.facts.id, gap));
    const { state } = spool;
    if (state !== 'Recording' || performance.now() - (this.#manifestAt ?? -MANIFEST_EVERY_MS) >= MANIFEST_EVERY_MS)
      await this.#manifest(spool, signal);
    if (state === 'Recording') return false;
    if (state !== 'Paused') await this.#finish(spool, state);
    await spool.remove();
    return true;
  }

  async #begin({ facts }: RecordingSpool): Promise<void> {
    const { id, session, about, startedAt, prefix, encryption } = facts;
    await this.#once('begin', () =>
      this.#ports.index.begin({
        ...{ id, session, ...about, startedAt: new Date(startedAt), keyPrefix: prefix },
        ...(encryption === null ? {} : { keyId: encryption.keyId }),
      }),
    );
  }

  async #segment(spool: RecordingSpool, segment: SegmentEntry, signal: AbortSignal): Promise<void> {
    const path = join(spool.folder, segment.file);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (isFileError(error, 'ENOENT')) return; // stored already
      throw error;
    }
    await this.#ports.storage.put(`${spool.facts.prefix}/${segment.file}`, bytes, { signal });
    await this.#ports.index.addSegment(spool.facts.id, segment, await this.#eventsOf(spool, segment, bytes));
    await rm(path);
  }

  async #manifest(spool: RecordingSpool, signal: AbortSignal): Promise<void> {
    const bytes = signManifest(spool.manifest(), this.#ports.signingKey);
    await this.#ports.storage.put(`${spool.facts.prefix}/${MANIFEST_FILE}`, bytes, { signal, replace: true });
    this.#manifestAt = performance.now();
  }

  async #finish({ facts, gaps, segments }: RecordingSpool, state: 'Complete' | 'Incomplete'): Promise<void> {
    const endMs = Math.max(0, ...[segments.at(-1)?.endMs ?? 0, gaps.at(-1)?.toMs ?? 0]);
    const [first] = gaps;
    const reason = first === undefined ? {} : { reason: first.code };
    await this.#ports.index.finish(facts.id, { state, ...reason, endedAt: new Date(facts.startedAt + endMs) });
  }

  async #eventsOf(spool: RecordingSpool, segment: SegmentEntry, bytes: Buffer): Promise<readonly TimedEvent[]> {
    const key = spool.facts.encryption === null ? undefined : await this.#ports.keyOf(spool);
    if (spool.facts.encryption !== null && key === undefined) return [];
    const events: TimedEvent[] = [];
    try {
      for (const { kind, timeMs, payload } of new SegmentReader(key).push(bytes)) {
        const event = kind === 'event' ? parseRecordingEvent(payload) : undefined;
        if (event !== undefined) events.push({ atMs: segment.startMs + timeMs, event });
      }
    } catch (error) {
      // The pictures are stored whatever is wrong with a mark.
      if (!(error instanceof StreamSpaceError)) throw error;
      this.#ports.failed(error);
    }
    return events;
  }

  async #once(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#told.has(what)) return;
    await work();
    this.#told.add(what);
  }
}
