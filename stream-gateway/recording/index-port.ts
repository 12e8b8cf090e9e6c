// What the recorder tells the index of recordings. Everything may be told twice.
import type { RecordingRules } from '../../schemas/kinds/policies/recording-rules.ts';
import type { RecordingEvent } from './format/event.ts';
import type { RecordingGap, SegmentEntry } from './format/manifest.ts';

export interface RecordedSession {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What is known of a recording beside its pictures. */
export interface RecordingAbout {
  readonly owner: string;
  readonly team?: string | undefined;
  readonly template: string;
  readonly policy: { readonly name?: string | undefined; readonly revision?: string | undefined; readonly hash: string };
  readonly rules: RecordingRules;
}

export interface IndexedRecording extends RecordingAbout {
  readonly id: string;
  readonly session: RecordedSession;
  readonly startedAt: Date;
  readonly keyPrefix: string;
  readonly keyId?: string | undefined;
}

export interface RecordingIndex {
  /** Recordings of a session that nobody has ended, oldest first. */
  unfinished(
    sessionUid: string,
  ): Promise<readonly { readonly id: string; readonly keyPrefix: string; readonly durationMs: number }[]>;
  /** Other rules are in force while it is recorded. */
  amend(id: string, about: Pick<RecordingAbout, 'policy' | 'rules'>): Promise<void>;
  /** Somebody has a stream of the session. */
  joined(sessionUid: string, person: string): Promise<void>;
  /** Whether the owner has agreed to be recorded. */
  agreed(sessionUid: string): Promise<boolean>;
  begin(recording: IndexedRecording): Promise<void>;
  /** Its object is there to stay. */
  addSegment(id: string, segment: SegmentEntry, events: readonly TimedEvent[]): Promise<void>;
  gap(id: string, gap: RecordingGap): Promise<void>;
  finish(
    id: string,
    end: { readonly state: 'Complete' | 'Incomplete'; readonly reason?: string; readonly endedAt: Date },
  ): Promise<void>;
}

export interface TimedEvent {
  /** Since the recording began. */
  readonly atMs: number;
  readonly event: RecordingEvent;
}
