// Recording put together: storage, spool, thread, uploads, and who decides. Without a storage nothing is recorded, and a session
// that must be recorded is not opened.
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../../runtime/db/database.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import type { Registry } from '../../../runtime/metrics/metrics.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import { teamNamespace } from '../../../schemas/kinds/team.ts';
import type { DesktopOf } from '../../sessions/desktop.ts';
import type { Feeds } from '../../sessions/feeds.ts';
import type { SessionJson } from '../../sessions/kinds-json.ts';
import type { StreamRegistry } from '../../stream/stream-registry.ts';
import { parseWrappingKey, unwrapDataKey } from '../format/data-key.ts';
import type { RecordingAbout } from '../index-port.ts';
import { RecorderThread } from '../recorder/recorder-thread.ts';
import type { RecordingSpool } from '../spool/spool.ts';
import { createRecordingMetrics } from './recording-metrics.ts';
import type { RecordingStorage } from './recording-settings.ts';
import { Recordings } from './recordings.ts';
import { storedIndex } from './stored-index.ts';
import { TimeLine } from './time-line.ts';
import { Uploads } from './uploads.ts';
import { wantedRecording } from './wanted.ts';

export interface RecordingPorts {
  readonly storage: RecordingStorage | undefined;
  readonly spoolDir: string;
  readonly db: Database;
  readonly client: KubeClient;
  readonly feeds: Pick<Feeds, 'sessions' | 'teams'>;
  readonly desktopOf: DesktopOf;
  readonly streams: StreamRegistry;
  /** Whether the session `namespace/name` is for this process to record, as long as no other needs to. */
  readonly isHome: (key: string) => boolean;
  readonly audit: (event: AuditEvent) => void;
  readonly registry: Registry;
  readonly log: Logger;
}

export interface RunningRecordings extends AsyncDisposable {
  /** @throws RecordingStopped, RecordingStorageOff: the session must be recorded, and is not */
  admit(session: SessionJson): Promise<void>;
  /** Somebody comes in; dispose it when he leaves. */
  enter(session: SessionJson, person: string): Disposable;
  audited(event: AuditEvent): void;
  /** Somebody used keyboard or pointer. @param key `namespace/name` of the session */
  input(key: string): void;
  /** Closes the segments; before the database and the API server are let go. */
  drain(): Promise<void>;
}

type SecretJson = KubeObjectJson & { readonly data?: Readonly<Record<string, string>> };

export function startRecordings(ports: RecordingPorts): RunningRecordings {
  const { storage, client, db, feeds, log, registry } = ports;
  if (storage === undefined) return WITHOUT_STORAGE;
  const ending = new AbortController();
  const root = join(ports.spoolDir, 'recordings');
  const index = storedIndex(db);
  const wrappingKey = (about: RecordingAbout): Promise<Buffer | undefined> => readWrappingKey(client, about);
  const thread = new RecorderThread();
  const uploads = new Uploads(
    {
      ...{ storage: storage.objects, index, signingKey: storage.signingKey },
      failed: (error) => log.warn({ err: error }, 'a recording waits for its storage or its index'),
      keyOf: (spool) => dataKeyOf(spool, wrappingKey),
    },
    ending.signal,
  );
  const metrics = createRecordingMetrics(registry, { count: () => recordings.count(), uploads: () => uploads.size });
  const recordings: Recordings = new Recordings({
    ...{ root, storage: storage.objects, index, signingKey: storage.signingKey, wrappingKey, now: () => Date.now() },
    ...{ client, thread, uploads, desktopOf: ports.desktopOf, maxSpoolBytes: storage.maxSpoolBytes, log },
    ...{
      sessions: feeds.sessions,
      streams: ports.streams,
      isHome: ports.isHome,
      audit: ports.audit,
      interrupted: metrics.interrupted,
    },
    // A process that starts again in the same spool is the same recorder, and takes its Leases back at once.
    identity: `${hostname()}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`,
    teamOf: (namespace) => teamOf(feeds, namespace),
  });
  const timeLine = new TimeLine({ index, log, desktopOf: (key) => recordings.desktopOf(key) });
  const loop = recordings.loop(ending.signal);
  return {
    admit: (session) => recordings.admit(session),
    enter: (session, person) => timeLine.enter(session, person),
    audited: (event) => timeLine.audited(event),
    input: (key) => timeLine.input(key),
    drain: () => recordings.drain(),
    async [Symbol.asyncDispose]() {
      ending.abort(new StreamSpaceError('ShuttingDown', 'the gateway ends'));
      await loop;
      await uploads.ended();
      await thread[Symbol.asyncDispose]();
    },
  };
}

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };
const WITHOUT_STORAGE: RunningRecordings = {
  async admit(session) {
    if (wantedRecording(session, false)?.required !== true) return;
    const { namespace, name } = session.metadata;
    throw new StreamSpaceError(
      'RecordingStorageOff',
      `session ${namespace}/${name} must be recorded, and there is no storage for it`,
    );
  },
  enter: () => NOTHING,
  audited: () => undefined,
  input: () => undefined,
  drain: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

function teamOf({ teams }: Pick<Feeds, 'teams'>, namespace: string): string | undefined {
  const found = [...teams.objects.values()].find((team) => (team.status?.namespace ?? teamNamespace(team)) === namespace);
  return found?.metadata.name;
}

async function readWrappingKey(client: KubeClient, { rules }: RecordingAbout): Promise<Buffer | undefined> {
  const { encryptionKeyRef } = rules;
  if (encryptionKeyRef === undefined) return undefined;
  const { namespace, name, key } = encryptionKeyRef;
  const secret = await client.find<SecretJson>(RESOURCES.secrets, namespace, name);
  const value = secret?.data?.[key];
  if (value === undefined)
    throw new StreamSpaceError(
      'RecordingKeyWrong',
      `there is no key ${key} in Secret ${namespace}/${name}, which recordings are encrypted with`,
    );
  return parseWrappingKey(Buffer.from(value, 'base64'));
}

/** For the marks of a recording; without them its pictures are stored all the same. */
async function dataKeyOf(
  { facts }: RecordingSpool,
  wrappingKey: (about: RecordingAbout) => Promise<Buffer | undefined>,
): Promise<Buffer | undefined> {
  if (facts.encryption === null) return undefined;
  try {
    const wrapping = await wrappingKey(facts.about);
    return wrapping === undefined ? undefined : unwrapDataKey(facts.encryption, wrapping, facts.id);
  } catch (error) {
    if (error instanceof StreamSpaceError && error.code === 'RecordingKeyWrong') return undefined;
    throw error;
  }
}
