// A recorder on a desktop, with its spool in a folder of its own. Ends with `await using`.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOT_RECORDED } from '../../schemas/kinds/policies/recording-rules.ts';
import type { Framebuffer } from '../../stream-gateway/pixels/framebuffer.ts';
import type { RecordingGap, SegmentEntry } from '../../stream-gateway/recording/format/manifest.ts';
import type { RecordingFiles } from '../../stream-gateway/recording/format/verify.ts';
import type { IndexedRecording, RecordingIndex } from '../../stream-gateway/recording/index-port.ts';
import type { RecordingSource } from '../../stream-gateway/recording/playback/frame-at.ts';
import {
  type RecorderNews,
  type RecorderOptions,
  SessionRecorder,
} from '../../stream-gateway/recording/recorder/session-recorder.ts';
import { RecordingSpool, type SpoolFacts } from '../../stream-gateway/recording/spool/spool.ts';
import type { ObjectStorage } from '../../stream-gateway/recording/storage/object-storage.ts';

export const RULES = { fps: 10, maxBytesPerSecond: 4 * 1024 * 1024, segmentSeconds: 1 } as const;

export interface RecordingWorld extends AsyncDisposable {
  readonly root: string;
  readonly spool: RecordingSpool;
  readonly recorder: SessionRecorder;
  readonly news: RecorderNews[];
}

/** A folder that is gone with the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'streamspace-recording-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export function spoolFacts(more: Partial<SpoolFacts> = {}): SpoolFacts {
  const id = randomUUID();
  const session = { namespace: 'team-web', name: 'one', uid: 'uid-of-one' };
  const about = { owner: 'member', template: 'terminal', policy: { hash: 'h' }, rules: NOT_RECORDED };
  return { id, session, startedAt: Date.now(), encryption: null, prefix: `recordings/team-web/one/${id}`, about, ...more };
}

export async function startRecording(
  options: Partial<RecorderOptions> & Pick<RecorderOptions, 'endpoint'> & { readonly root: string; readonly facts?: SpoolFacts },
): Promise<RecordingWorld> {
  const { root, facts = spoolFacts(), ...more } = options;
  const spool = options.spool ?? (await RecordingSpool.create(root, facts));
  const news: RecorderNews[] = [];
  const recorder = new SessionRecorder({ rules: RULES, told: (one) => news.push(one), ...more, spool });
  return {
    ...{ root, spool, recorder, news },
    [Symbol.asyncDispose]: () => recorder.stop('Complete').catch(() => undefined),
  };
}

/** What is in the spool, to be played. */
export function sourceOf(spool: RecordingSpool, key?: Buffer): RecordingSource & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    segments: spool.segments,
    ...(key === undefined ? {} : { key }),
    reads,
    read: async (file, { from, to }) => {
      reads.push(file);
      return (await readFile(join(spool.folder, file))).subarray(from, to);
    },
  };
}

/** Red, green and blue of every pixel, as one text that is equal when the pictures are. */
export function fingerprint({ width, height, bytes }: Framebuffer): string {
  return `${width}x${height} ${Buffer.from(bytes).toString('base64')}`;
}

/** An index that keeps what it is told. */
export interface ToldIndex extends RecordingIndex {
  readonly segments: Map<number, SegmentEntry>;
  readonly gaps: RecordingGap[];
  readonly ends: string[];
  /** Each recording once. */
  readonly begun: IndexedRecording[];
}

export function toldIndex(): ToldIndex {
  const segments = new Map<number, SegmentEntry>();
  const gaps: RecordingGap[] = [];
  const ends: string[] = [];
  const begun: IndexedRecording[] = [];
  const ended = new Set<string>();
  return {
    ...{ segments, gaps, ends, begun },
    unfinished: async (uid) =>
      begun
        .filter(({ id, session }) => session.uid === uid && !ended.has(id))
        .map(({ id, keyPrefix }) => ({ id, keyPrefix, durationMs: 0 })),
    amend: async () => undefined,
    joined: async () => undefined,
    agreed: async () => false,
    begin: async (recording) => {
      if (!begun.some(({ id }) => id === recording.id)) begun.push(recording);
    },
    addSegment: async (_id, segment) => void segments.set(segment.number, segment),
    gap: async (_id, gap) => void gaps.push(gap),
    finish: async (id, { state }) => {
      if (!ended.has(id)) ends.push(state);
      ended.add(id);
    },
  };
}

/** The objects of a recording in a storage, to be verified or played. */
export function filesOf(storage: ObjectStorage, prefix: string): RecordingFiles {
  const { signal } = new AbortController();
  return {
    names: async () => {
      const names: string[] = [];
      for await (const { key } of storage.list(prefix, { signal })) names.push(key.slice(prefix.length + 1));
      return names;
    },
    read: (name) => storage.get(`${prefix}/${name}`, { signal }).catch(() => undefined),
  };
}
