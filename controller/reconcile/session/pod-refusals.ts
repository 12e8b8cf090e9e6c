// Why StatefulSets could not make their pods, as their events say it. Bounded; the newest word of each counts.
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { PodRefusal } from './session.ts';

interface EventView {
  readonly involvedObject?: { readonly uid?: string };
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly lastObservedTime?: string };
}

const MAX_KEPT = 5_000;

export class PodRefusals {
  readonly #byStatefulSet = new Map<string, PodRefusal>();

  noted(event: KubeObjectJson): void {
    const { involvedObject, message, lastTimestamp, eventTime, series } = event as EventView & KubeObjectJson;
    const uid = involvedObject?.uid;
    const said = lastTimestamp ?? series?.lastObservedTime ?? eventTime ?? event.metadata.creationTimestamp;
    if (uid === undefined || message === undefined || said === undefined) return;
    const at = new Date(said);
    const before = this.#byStatefulSet.get(uid);
    if (before !== undefined && before.at > at) return;
    this.#byStatefulSet.delete(uid);
    this.#byStatefulSet.set(uid, { message: message.replace(/^.*failed error: /s, '').slice(0, 1000), at });
    for (const oldest of this.#byStatefulSet.keys()) {
      if (this.#byStatefulSet.size <= MAX_KEPT) break;
      this.#byStatefulSet.delete(oldest);
    }
  }

  of(statefulSetUid: string): PodRefusal | undefined {
    return this.#byStatefulSet.get(statefulSetUid);
  }
}
