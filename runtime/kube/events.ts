// Kubernetes Events about our objects, as `kubectl describe` shows them. The same event again counts up instead of adding
// another. Best effort: an event that cannot be written is logged, and nothing waits for it.
import { createHash } from 'node:crypto';
import type { Logger } from '../log/log.ts';
import { isStatus } from './kube-status-error.ts';
import { apiVersionOf } from './paths.ts';
import { RESOURCES } from './resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from './types.ts';

export interface EventSubject {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
}

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** A stable code. */
  readonly reason: string;
  /** No secret; cut to 1,000 characters. */
  readonly message: string;
}

export interface EventRecorder {
  /** Returns at once. */
  record(subject: EventSubject, event: EventText): void;
  /** Resolves when what was recorded so far is written or given up. */
  flush(): Promise<void>;
}

/** The same event is written at most this often; in between it is only counted. */
const WRITE_EVERY_MS = 10_000;
/** The oldest is forgotten beyond this; it then counts from what the API server has. */
const MAX_KNOWN = 2_000;
/** Where events of cluster-wide objects live. */
const CLUSTER_NAMESPACE = 'default';

interface Known {
  count: number;
  writtenAt: number;
}

export function createEventRecorder(options: {
  readonly client: Pick<KubeClient, 'create' | 'find' | 'mergePatch'>;
  /** `streamspace-controller` */
  readonly component: string;
  readonly log: Logger;
  readonly now?: () => number;
}): EventRecorder {
  const { client, component, log } = options;
  const now = options.now ?? Date.now;
  const known = new Map<string, Known>();
  const running = new Set<Promise<void>>();

  const write = async (namespace: string, name: string, subject: EventSubject, event: EventText, seen: Known): Promise<void> => {
    const time = new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z');
    if (seen.count === 1) {
      try {
        const body = JSON.stringify(newEvent({ namespace, name, subject, event, component, time }));
        await client.create(RESOURCES.events, namespace, body, { fieldManager: component });
        return;
      } catch (error) {
        if (!isStatus(error, 409)) throw error;
        // From before a restart of ours: its count goes on.
        const before = await client.find<KubeObjectJson & { count?: number }>(RESOURCES.events, namespace, name);
        seen.count += before?.count ?? 1;
      }
    }
    const patch = { count: seen.count, lastTimestamp: time };
    await client.mergePatch(RESOURCES.events, namespace, name, patch, { fieldManager: component });
  };

  return {
    record(subject, event) {
      const namespace = subject.namespace ?? CLUSTER_NAMESPACE;
      const text = { ...event, message: event.message.slice(0, 1000) };
      const name = `${subject.name.slice(0, 200)}.${fingerprint(subject, text)}`;
      const key = `${namespace}/${name}`;
      const seen = known.get(key) ?? { count: 0, writtenAt: Number.NEGATIVE_INFINITY };
      known.delete(key);
      known.set(key, seen); // to the young end
      for (const oldest of known.keys()) {
        if (known.size <= MAX_KNOWN) break;
        known.delete(oldest);
      }
      seen.count += 1;
      if (now() - seen.writtenAt < WRITE_EVERY_MS) return;
      seen.writtenAt = now();
      const task = write(namespace, name, subject, text, seen)
        .catch((error: unknown) => {
          // Gone with its hour (events expire), or its namespace is being deleted: the next one starts anew.
          known.delete(key);
          log.debug({ err: error, reason: event.reason }, 'event not written');
        })
        .finally(() => running.delete(task));
      running.add(task);
    },
    async flush() {
      await Promise.all(running);
    },
  };
}

function fingerprint(subject: EventSubject, event: EventText): string {
  const parts = [subject.uid, event.type, event.reason, event.message];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function newEvent(parts: {
  readonly namespace: string;
  readonly name: string;
  readonly subject: EventSubject;
  readonly event: EventText;
  readonly component: string;
  readonly time: string;
}): object {
  const { namespace, name, subject, event, component, time } = parts;
  const { resource } = subject;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name },
    involvedObject: {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      name: subject.name,
      uid: subject.uid,
      ...(subject.namespace === undefined ? {} : { namespace: subject.namespace }),
    },
    ...event,
    source: { component },
    reportingComponent: component,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
