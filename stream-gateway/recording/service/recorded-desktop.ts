// One session that this replica records, or waits to record: a Lease decides which replica does.
import { LeaseLost } from '../../../runtime/kube/lease/fence.ts';
import { type LeaseTimings, workWhileLeader } from '../../../runtime/kube/lease/lease.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { aborted, delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { DesktopOf } from '../../sessions/desktop.ts';
import type { SessionJson } from '../../sessions/kinds-json.ts';
import type { RecordingEvent } from '../format/event.ts';
import type { RecordingAbout } from '../index-port.ts';
import type { RecorderLink, RecorderThread } from '../recorder/recorder-thread.ts';
import type { RecorderNews } from '../recorder/session-recorder.ts';
import { finishLost } from '../spool/recover.ts';
import { RecordingSpool } from '../spool/spool.ts';
import { BurnTimer } from './burn-timer.ts';
import { RECORDING_ANNOTATION, recordingLease } from './lease-state.ts';
import { type ReadySpool, type SpoolPorts, spoolOfSession } from './spool-of-session.ts';
import type { RunningUpload, Uploads } from './uploads.ts';
import { recorderRules, type WantedRecording } from './wanted.ts';

export interface RecordedDesktopPorts extends SpoolPorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'replace' | 'delete'>;
  /** Of this replica. */
  readonly identity: string;
  readonly thread: RecorderThread;
  readonly uploads: Uploads;
  readonly desktopOf: DesktopOf;
  readonly teamOf: (namespace: string) => string | undefined;
  readonly maxSpoolBytes: number;
  readonly log: Logger;
  readonly timings?: LeaseTimings;
}

export type DesktopNews = RecorderNews | { readonly type: 'ended' };

/** A recorder that dies with its thread, or a desktop that is being started. */
const AGAIN_MS = 1_000;
/** For the last segments of a replica that ends; the rest waits in the spool. */
const LAST_UPLOAD_MS = 4_000;
/** A recording's Lease is renewed less often than that of the controller: there is one for each recorded session. */
const LEASE_TIMINGS: LeaseTimings = { durationMs: 15_000, giveUpMs: 12_000, retryMs: 3_000 };

export class RecordedDesktop {
  readonly #ports: RecordedDesktopPorts;
  readonly #told: (news: DesktopNews, recordingId: string | undefined) => void;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  readonly #burn: BurnTimer;
  #session: SessionJson;
  #wanted: WantedRecording;
  #left: RecordingSpool | undefined;
  #link: RecorderLink | undefined;
  #recordingId: string | undefined;
  #end: 'Paused' | 'Complete' = 'Complete';

  /** @param left of an earlier process of this replica */
  constructor(
    ports: RecordedDesktopPorts,
    {
      session,
      wanted,
      left,
    }: { readonly session: SessionJson; readonly wanted: WantedRecording; readonly left: RecordingSpool | undefined },
    told: (news: DesktopNews, recordingId: string | undefined) => void,
  ) {
    this.#ports = ports;
    this.#session = session;
    this.#wanted = wanted;
    this.#left = left;
    this.#told = told;
    this.#burn = new BurnTimer(session, (burn) => this.#link?.post({ type: 'burn', burn }));
    this.#done = this.#run();
  }

  get wanted(): WantedRecording {
    return this.#wanted;
  }

  update(session: SessionJson, wanted: WantedRecording): void {
    const before = this.#wanted.inForce.hash;
    this.#session = session;
    this.#wanted = wanted;
    this.#burn.update(session);
    if (wanted.inForce.hash === before) return;
    this.#link?.post({ type: 'rules', rules: recorderRules(wanted.inForce) });
    if (this.#recordingId === undefined) return;
    this.#ports.index.amend(this.#recordingId, this.#about()).catch((error: unknown) => {
      this.#ports.log.warn({ err: error, recording: this.#recordingId }, 'the index does not have the new rules of a recording');
    });
  }

  mark(event: RecordingEvent): void {
    this.#link?.post({ type: 'mark', event });
  }

  /** Resolves when the segment is closed and the Lease given back. Never rejects. @param end `Paused`: another replica goes on */
  async stop(end: 'Paused' | 'Complete'): Promise<void> {
    this.#end = end;
    this.#stopping.abort(new StreamSpaceError('ShuttingDown', 'the recording was told to stop'));
    await this.#done;
  }

  async #run(): Promise<void> {
    const { client, identity, log, timings } = this.#ports;
    const { signal } = this.#stopping;
    const { uid = '' } = this.#session.metadata;
    const lease = { namespace: SYSTEM_NAMESPACE, name: recordingLease(uid) };
    while (!signal.aborted) {
      try {
        await workWhileLeader({
          ...{ client, ...lease, identity, log, signal, timings: timings ?? LEASE_TIMINGS },
          marks: { annotations: { [RECORDING_ANNOTATION]: 'starting' } },
          work: (held) => this.#work(held),
          onStandby: () => void this.#giveUpLeft(),
        });
      } catch (error) {
        log.error({ err: error, lease: lease.name }, 'a recording failed and is tried again');
        const code = error instanceof StreamSpaceError ? error.code : 'RecordingStopped';
        this.#told(
          { type: 'interrupted', fromMs: 0, code, message: error instanceof Error ? error.message : String(error) },
          undefined,
        );
        await delay(AGAIN_MS, signal).catch(() => undefined);
      }
    }
    this.#burn[Symbol.dispose]();
    await this.#giveUpLeft();
    // Whoever waits for it takes it at once; of a session that is gone nobody needs it.
    if (this.#session.metadata.deletionTimestamp !== undefined)
      await client.delete(RESOURCES.leases, lease.namespace, lease.name).catch(() => undefined);
  }

  /** Another replica records the session, in a recording of its own. */
  async #giveUpLeft(): Promise<void> {
    const left = this.#left;
    this.#left = undefined;
    if (left === undefined) return;
    const { log, now, uploads } = this.#ports;
    await finishLost(left, now(), 'RecordingStopped').catch((error: unknown) =>
      log.error({ err: error }, 'a recording is left open'),
    );
    uploads.start(left);
  }

  async #work(held: AbortSignal): Promise<void> {
    const { namespace = '', name, uid = '' } = this.#session.metadata;
    const left = this.#left;
    this.#left = undefined;
    const ready = await spoolOfSession(this.#ports, { namespace, name, uid }, this.#about(), left);
    for (const spool of ready.ended) this.#ports.uploads.start(spool);
    const upload = this.#ports.uploads.start(ready.spool);
    this.#recordingId = ready.spool.facts.id;
    try {
      while (!held.aborted) {
        await this.#record(ready, upload, held).catch((error: unknown) => {
          this.#ports.log.warn({ err: error, recording: ready.spool.facts.id }, 'a desktop is not recorded for the moment');
        });
        await delay(AGAIN_MS, held).catch(() => undefined);
      }
    } finally {
      await this.#finish(ready.spool.folder, held.reason instanceof LeaseLost);
      this.#told({ type: 'ended' }, ready.spool.facts.id);
      this.#recordingId = undefined;
      upload.wake();
      if (this.#end === 'Paused') await Promise.race([upload.done, delay(LAST_UPLOAD_MS, new AbortController().signal)]);
    }
  }

  async #record({ spool, key, resumedAfter }: ReadySpool, upload: RunningUpload, held: AbortSignal): Promise<void> {
    const { thread, desktopOf, root, maxSpoolBytes } = this.#ports;
    const { namespace = '', name } = this.#session.metadata;
    const { host, port, password, tls } = await desktopOf(namespace, name, held);
    // Field by field: it goes to another thread, which takes plain data alone.
    const endpoint = {
      ...{ host, port },
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
    };
    const lost = Promise.withResolvers<void>();
    const burn = this.#burn.current();
    const { id } = spool.facts;
    const link = thread.start(
      id,
      {
        ...{ folder: spool.folder, endpoint, rules: recorderRules(this.#wanted.inForce) },
        ...{ spoolRoot: root, maxSpoolBytes, resumedAfter },
        ...(burn === undefined ? {} : { burn }),
        ...(key === undefined ? {} : { key }),
      },
      {
        news: (news) => {
          if (news.type === 'segment' || news.type === 'gap') upload.wake();
          this.#told(news, id);
        },
        lost: ({ code, message }) => {
          this.#told({ type: 'interrupted', fromMs: spool.head().endMs, code, message }, id);
          lost.resolve();
        },
      },
    );
    this.#link = link;
    try {
      await Promise.race([aborted(held), lost.promise]);
      if (held.aborted) await link.stop(held.reason instanceof LeaseLost ? 'Paused' : this.#end);
    } finally {
      this.#link = undefined;
    }
  }

  /** The state that the recording is left in, also when its recorder could not say it. */
  async #finish(folder: string, leaseLost: boolean): Promise<void> {
    const spool = await RecordingSpool.open(folder);
    if (spool === undefined) return;
    if (leaseLost || (this.#end === 'Complete' && spool.state === 'Recording'))
      await finishLost(spool, this.#ports.now(), 'RecordingStopped');
  }

  #about(): RecordingAbout {
    const { inForce } = this.#wanted;
    const { spec, status, metadata } = this.#session;
    const template =
      status?.templateRef === undefined ? spec.template : `${status.templateRef.namespace}/${status.templateRef.name}`;
    const team = this.#ports.teamOf(metadata.namespace ?? '');
    const policy = { name: inForce.policy, revision: inForce.revision, hash: inForce.hash };
    return { owner: spec.owner, team, template, policy, rules: inForce.rules };
  }
}
