// The recordings of this replica: which sessions are to be recorded, who may come in before they are, and what happens when a
// recording cannot go on. `Required`: its streams end with the reason, and nobody comes in. `BestEffort`: it is told.
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { Feed } from '../../http/live/feed.ts';
import type { SessionJson } from '../../sessions/kinds-json.ts';
import type { StreamRegistry } from '../../stream/stream-registry.ts';
import { finishLost } from '../spool/recover.ts';
import type { RecordingSpool } from '../spool/spool.ts';
import { type Followed, graceMs, stopped } from './followed.ts';
import { isRecordedElsewhere, tellLease } from './lease-state.ts';
import { type DesktopNews, RecordedDesktop, type RecordedDesktopPorts } from './recorded-desktop.ts';
import { leftSpools } from './spool-of-session.ts';
import { type WantedRecording, wantedRecording } from './wanted.ts';

export interface RecordingsPorts extends Omit<RecordedDesktopPorts, 'client'> {
  readonly client: KubeClient;
  readonly sessions: Pick<Feed<SessionJson>, 'objects' | 'onChange' | 'ready'>;
  readonly streams: Pick<StreamRegistry, 'closeWhere' | 'list'>;
  /** Whether the session `namespace/name` is for this process to record; one that somebody comes into here is, too. */
  readonly isHome: (key: string) => boolean;
  readonly audit: (event: AuditEvent) => void;
  readonly interrupted: (code: string) => void;
}

const LOOK_MS = 2_000;
/** The first picture of a new session, and the Lease before it. */
const ADMIT_MS = 8_000;
/** After that nobody goes on with what an earlier process has left. */
const LEFT_MS = 30_000;

export class Recordings {
  readonly #ports: RecordingsPorts;
  readonly #followed = new Map<string, Followed>();
  readonly #ending = new Set<Promise<void>>();
  /** Sessions whose owner has agreed, where that is asked for. */
  readonly #agreed = new Set<string>();
  /** By recording: where a gap begins that the index has as open. */
  readonly #openGaps = new Map<string, number>();
  #left = new Map<string, RecordingSpool>();
  /** Nothing new is put into the spool before what was left in it is known. */
  #begun = false;
  #draining = false;

  constructor(ports: RecordingsPorts) {
    this.#ports = ports;
  }

  /** Recordings that run on this replica, and those that should. */
  count(): { readonly running: number; readonly interrupted: number } {
    const states = [...this.#followed.values()].map(({ state }) => state);
    return {
      running: states.filter((state) => state === 'running').length,
      interrupted: states.filter((state) => state === 'interrupted').length,
    };
  }

  async loop(signal: AbortSignal): Promise<void> {
    const { uploads, log, now, root } = this.#ports;
    const left = await leftSpools(this.#ports).catch((error: unknown) => {
      log.error({ err: error, root }, 'the spool of recordings cannot be read');
      return { open: new Map<string, RecordingSpool>(), ended: [] };
    });
    [this.#left, this.#begun] = [left.open, true];
    for (const spool of left.ended) uploads.start(spool);
    const stop = this.#ports.sessions.onChange((key) => this.#look(key));
    for (let waitedMs = 0; !signal.aborted; waitedMs += LOOK_MS) {
      if (this.#ports.sessions.ready) await this.#lookAtAll();
      if (waitedMs === LEFT_MS)
        for (const [uid, spool] of this.#left) {
          this.#left.delete(uid);
          await finishLost(spool, now(), 'RecordingStopped').catch((error: unknown) =>
            log.error({ err: error }, 'a recording is left open'),
          );
          uploads.start(spool);
        }
      await delay(LOOK_MS, signal).catch(() => undefined);
    }
    stop();
  }

  /** @throws RecordingStopped: the session must be recorded, and is not */
  async admit(session: SessionJson): Promise<void> {
    if (this.#wanted(session)?.required !== true) return;
    const { namespace, name, uid = '' } = session.metadata;
    this.#look(`${namespace}/${name}`, { adopt: true });
    const deadline = performance.now() + ADMIT_MS;
    for (;;) {
      const followed = this.#followed.get(uid);
      if (followed?.state === 'running') return;
      if (await isRecordedElsewhere(this.#ports.client, uid)) return;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw stopped(name, followed?.reason ?? 'the recording has not begun');
      const soon = delay(Math.min(leftMs, 500), new AbortController().signal);
      await (followed === undefined ? soon : Promise.race([followed.changed.promise, soon]));
    }
  }

  /** What records the session now, on this replica. @param key `namespace/name` */
  desktopOf(key: string): RecordedDesktop | undefined {
    return [...this.#followed.values()].find((followed) => followed.key === key)?.desktop;
  }

  /** Closes every segment, so that another replica can go on. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const followed of this.#followed.values()) this.#end(followed, 'Paused');
    await Promise.all(this.#ending);
  }

  async #lookAtAll(): Promise<void> {
    const { sessions, index } = this.#ports;
    for (const [key, session] of sessions.objects) {
      const uid = session.metadata.uid ?? '';
      if (session.status?.effectivePolicy?.recording?.record === 'Consent') {
        const agreed = await index.agreed(uid).catch(() => this.#agreed.has(uid));
        if (agreed) this.#agreed.add(uid);
        else this.#agreed.delete(uid);
      }
      this.#look(key);
    }
    await this.#lookAtStreams();
  }

  /** @param adopt though another is its home: somebody comes in here, so that one is away */
  #look(key: string, { adopt } = { adopt: false }): void {
    if (!this.#begun || this.#draining) return;
    const session = this.#ports.sessions.objects.get(key);
    const wanted = session === undefined ? undefined : this.#wanted(session);
    const uid = session?.metadata.uid ?? '';
    for (const other of this.#followed.values()) if (other.key === key && other.uid !== uid) this.#end(other, 'Complete');
    const followed = this.#followed.get(uid);
    if (session === undefined || wanted === undefined) {
      if (followed !== undefined) this.#end(followed, 'Complete');
    } else if (followed === undefined) {
      if (adopt || this.#ports.isHome(key)) this.#begin(key, session, wanted);
    } else followed.desktop.update(session, wanted);
  }

  #begin(key: string, session: SessionJson, wanted: WantedRecording): void {
    const { uid = '' } = session.metadata;
    const left = this.#left.get(uid);
    this.#left.delete(uid);
    const desktop = new RecordedDesktop(this.#ports, { session, wanted, left }, (news, id) => this.#told(key, uid, news, id));
    const changed = Promise.withResolvers<void>();
    this.#followed.set(uid, { desktop, key, uid, changed, state: 'starting', reason: 'the recording has not begun' });
  }

  #end({ desktop, uid }: Followed, end: 'Paused' | 'Complete'): void {
    this.#followed.delete(uid);
    const ending = desktop.stop(end).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #told(key: string, uid: string, news: DesktopNews, recording: string | undefined): void {
    const followed = this.#followed.get(uid);
    const tell = (
      type: 'recording.started' | 'recording.interrupted' | 'recording.ended',
      details: NonNullable<AuditEvent['details']> = {},
    ): void =>
      this.#ports.audit({
        ...{ type, actor: null, result: type === 'recording.interrupted' ? 'failure' : 'success' },
        object: `Session/${key}`,
        details: { recording: recording ?? null, ...details },
      });
    switch (news.type) {
      case 'recording':
        if (followed === undefined || followed.state === 'running') return;
        tell('recording.started');
        this.#set(followed, 'running', '');
        return;
      case 'interrupted':
        this.#ports.interrupted(news.code);
        if (recording !== undefined) this.#openGap(recording, news.fromMs, news.code);
        if (followed === undefined) return;
        if (followed.state !== 'interrupted') tell('recording.interrupted', { code: news.code });
        this.#set(followed, 'interrupted', news.message);
        if (followed.desktop.wanted.required) void this.#cut(followed, graceMs(news.code));
        return;
      case 'ended':
        tell('recording.ended');
        if (followed !== undefined) this.#set(followed, 'starting', 'the recording has ended');
        return;
      case 'gap':
        if (recording !== undefined) this.#closeGap(recording, news.gap.fromMs, news.gap.code);
        return;
      case 'segment':
    }
  }

  /** So that the page can say it while it lasts. What the upload tells when it is over counts. */
  #openGap(recording: string, fromMs: number, code: string): void {
    this.#openGaps.set(recording, fromMs);
    this.#ports.index.gap(recording, { fromMs, toMs: null, code }).catch(() => undefined);
  }

  /** The gap begins later than it was told where more of the last segment could be saved. */
  #closeGap(recording: string, fromMs: number, code: string): void {
    const open = this.#openGaps.get(recording);
    this.#openGaps.delete(recording);
    if (open !== undefined && open !== fromMs)
      this.#ports.index.gap(recording, { fromMs: open, toMs: open, code }).catch(() => undefined);
  }

  #set(followed: Followed, state: Followed['state'], reason: string): void {
    followed.state = state;
    followed.reason = reason;
    followed.changed.resolve();
    followed.changed = Promise.withResolvers();
    tellLease(this.#ports.client, followed.uid, state).catch((error: unknown) =>
      this.#ports.log.warn({ err: error }, 'the other replicas do not know the state of a recording'),
    );
  }

  async #cut(followed: Followed, afterMs: number): Promise<void> {
    if (afterMs > 0) await delay(afterMs, new AbortController().signal);
    if (followed.state !== 'interrupted' || this.#followed.get(followed.uid) !== followed) return;
    this.#closeStreams(followed.key, followed.reason);
  }

  /** Streams that are here, of sessions that another replica should record. */
  async #lookAtStreams(): Promise<void> {
    const { streams, sessions, client } = this.#ports;
    const keys = new Set(streams.list().map(({ namespace, session }) => `${namespace}/${session}`));
    for (const key of keys) {
      const session = sessions.objects.get(key);
      const uid = session?.metadata.uid ?? '';
      if (session === undefined || this.#followed.get(uid)?.state === 'running') continue;
      if (this.#wanted(session)?.required !== true || this.#followed.get(uid)?.state === 'interrupted') continue;
      // No answer is no reason yet: the recorder elsewhere may well go on.
      if (await isRecordedElsewhere(client, uid).catch(() => true)) continue;
      this.#closeStreams(key, 'no replica records it');
    }
  }

  #closeStreams(key: string, reason: string): void {
    const [namespace = '', name = ''] = key.split('/', 2);
    const { code, message } = stopped(name, reason);
    this.#ports.streams.closeWhere((stream) => stream.namespace === namespace && stream.session === name, code, message);
  }

  #wanted(session: SessionJson): WantedRecording | undefined {
    return wantedRecording(session, this.#agreed.has(session.metadata.uid ?? ''));
  }
}
