// Two replicas of what records, without a cluster: Leases in memory with the rules of the API server, sessions from a feed, one
// storage and one index for both.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { NOT_RECORDED, type RecordingRules } from '../../schemas/kinds/policies/recording-rules.ts';
import { ReflectedFeed } from '../../stream-gateway/http/live/feed.ts';
import type { RecordingIndex } from '../../stream-gateway/recording/index-port.ts';
import { RecorderThread } from '../../stream-gateway/recording/recorder/recorder-thread.ts';
import { Recordings } from '../../stream-gateway/recording/service/recordings.ts';
import { Uploads } from '../../stream-gateway/recording/service/uploads.ts';
import type { ObjectStorage } from '../../stream-gateway/recording/storage/object-storage.ts';
import type { SessionJson } from '../../stream-gateway/sessions/kinds-json.ts';
import { StreamRegistry } from '../../stream-gateway/stream/stream-registry.ts';
import { OPEN_RULES } from './stream-server.ts';
import type { Xvnc } from './xvnc.ts';

type LeaseClient = Pick<KubeClient, 'find' | 'create' | 'replace' | 'mergePatch' | 'delete'>;

/** Objects of one kind by name, with resource versions that are checked. */
export function leasesInMemory(): LeaseClient {
  const objects = new Map<string, KubeObjectJson>();
  let version = 0;
  const refuse = (code: number): never => {
    throw new KubeStatusError({ statusCode: code, reason: 'Refused', message: `refused with ${code}` });
  };
  const keep = (name: string, object: KubeObjectJson): KubeObjectJson => {
    version += 1;
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    objects.set(name, kept);
    return kept;
  };
  const client = {
    find: async (_resource: unknown, _namespace: unknown, name: string) => objects.get(name),
    create: async (_resource: unknown, _namespace: unknown, body: string) => {
      const object = JSON.parse(body) as KubeObjectJson;
      return objects.has(object.metadata.name) ? refuse(409) : keep(object.metadata.name, object);
    },
    replace: async (_resource: unknown, _namespace: unknown, name: string, body: string) => {
      const object = JSON.parse(body) as KubeObjectJson;
      const there = objects.get(name) ?? refuse(404);
      return there.metadata.resourceVersion === object.metadata.resourceVersion ? keep(name, object) : refuse(409);
    },
    mergePatch: async (_resource: unknown, _namespace: unknown, name: string, patch: unknown) => {
      const there = objects.get(name) ?? refuse(404);
      const { metadata } = patch as { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
      const annotations = { ...there.metadata.annotations, ...metadata.annotations };
      return keep(name, { ...there, metadata: { ...there.metadata, annotations } });
    },
    delete: async (_resource: unknown, _namespace: unknown, name: string) => void objects.delete(name),
  };
  return client as unknown as LeaseClient;
}

export interface ReplicaOptions {
  readonly identity: string;
  readonly folder: string;
  readonly xvnc: Xvnc;
  readonly leases: LeaseClient;
  readonly storage: ObjectStorage;
  readonly index: RecordingIndex;
  readonly signingKey?: KeyObject;
  readonly maxSpoolBytes?: number;
  /** Default: it is the home of every session. */
  readonly isHome?: (key: string) => boolean;
}

export interface RecordingReplica extends AsyncDisposable {
  readonly recordings: Recordings;
  readonly streams: StreamRegistry;
  readonly audit: AuditEvent[];
  readonly spoolRoot: string;
  /** The session as it is from now on. */
  put(session: SessionJson): void;
  /** SIGTERM: drains and ends. */
  end(): Promise<void>;
}

export const SIGNING_KEYS = generateKeyPairSync('ed25519');

export function recordedSession(rules: Partial<RecordingRules>, more: Partial<SessionJson['spec']> = {}): SessionJson {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Session',
    metadata: { namespace: 'team-web', name: 'one', uid: 'uid-of-one', resourceVersion: '1' },
    spec: { owner: 'member', template: 'terminal', desiredState: 'Running', ...more },
    status: {
      phase: 'Running',
      endpoint: { host: '127.0.0.1', port: 1, passwordSecret: 'p' },
      effectivePolicy: {
        hash: 'h'.repeat(64),
        policies: [],
        origins: [],
        dlp: OPEN_RULES,
        recording: { ...NOT_RECORDED, record: 'Always', framesPerSecond: 10, segmentSeconds: 10, ...rules },
        recordingHash: 'r'.repeat(64),
      },
    },
  } as unknown as SessionJson;
}

export function startReplica(options: ReplicaOptions): RecordingReplica {
  const { identity, folder, xvnc, leases, storage, index } = options;
  const log = createLogger({ name: 'test', level: 'silent' });
  const ending = new AbortController();
  const spoolRoot = join(folder, identity);
  const sessions = new ReflectedFeed<SessionJson>();
  const streams = new StreamRegistry();
  const audit: AuditEvent[] = [];
  const thread = new RecorderThread();
  const signingKey = options.signingKey ?? SIGNING_KEYS.privateKey;
  const uploads = new Uploads(
    { storage, index, signingKey, failed: () => undefined, keyOf: async () => undefined },
    ending.signal,
  );
  const recordings = new Recordings({
    ...{ root: spoolRoot, storage, index, signingKey, wrappingKey: async () => undefined, now: () => Date.now() },
    ...{ client: leases as KubeClient, identity, thread, uploads, log, streams, sessions },
    ...{
      maxSpoolBytes: options.maxSpoolBytes ?? 1e9,
      teamOf: () => 'web',
      interrupted: () => undefined,
      isHome: options.isHome ?? (() => true),
    },
    timings: { durationMs: 2_000, giveUpMs: 1_500, retryMs: 300 },
    desktopOf: async () => ({ ...xvnc, session: recordedSession({}) }),
    audit: (event) => audit.push(event),
  });
  sessions.accept({ type: 'synced', resourceVersion: '0' });
  const loop = recordings.loop(ending.signal);
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await recordings.drain();
    ending.abort();
    await loop;
    await uploads.ended();
    await thread[Symbol.asyncDispose]();
  };
  const once = (): Promise<void> => {
    ended ??= end();
    return ended;
  };
  return {
    ...{ recordings, streams, audit, spoolRoot },
    put: (object) => sessions.accept({ type: 'changed', object }),
    end: once,
    [Symbol.asyncDispose]: once,
  };
}
