// Who may start: one decision at a time, for everybody, in the one controller that leads (a Lease fences its writes). It counts what
// the API server has said, and what it has admitted itself and the watch has not told yet; so it never admits more than there
// is room for, however many ask at once. It decides without waiting for anything: nothing comes between look and decision.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { type Admission, admissionAt, admissionOf, reservesOf } from '../../../schemas/quota/held.ts';
import { refusalText } from '../../../schemas/quota/words.ts';
import { judgeStart, keyOf } from '../../../schemas/quota/world.ts';
import type { QuotaMetrics } from '../quota/quota-metrics.ts';
import { worldFrom } from '../quota/quota-world.ts';
import type { CacheOfAll } from '../wanted.ts';
import { templateRefOf } from './status.ts';

export interface AdmitterPorts {
  readonly cache: CacheOfAll;
  readonly now: () => Date;
  /** By what runs are measured: it never jumps. Default: `now`. */
  readonly meter?: () => Date;
  readonly metrics: Pick<QuotaMetrics, 'refused'>;
}

export type Decision =
  | { readonly admitted: true; readonly admission: Admission }
  | { readonly admitted: false; readonly message: string };

interface Promised {
  /** As it will be once its status is written. */
  readonly session: Session;
  readonly admission: Admission;
  /** The watch has told of this very session. */
  seen: boolean;
}

export class Admitter {
  readonly #ports: AdmitterPorts;
  /** Admitted, and not yet told by the watch; by `namespace/name`. */
  readonly #promised = new Map<string, Promised>();

  constructor(ports: AdmitterPorts) {
    this.#ports = ports;
  }

  /**
   * Whether a session may start. What is admitted counts from now on; whoever asked writes it into the session's status before he makes
   * anything for it, or calls {@link withdraw}.
   * @param session as the API server has it now; it holds neither CPU nor memory
   */
  decide(session: Session, template: Template): Decision {
    const { cache, now, metrics } = this.#ports;
    this.#settle();
    const key = keyOf(session);
    const others = this.#sessions(key);
    const nowMs = now().getTime();
    const world = worldFrom(cache, nowMs, others);
    const { verdict, applicant, holders } = judgeStart(world, { session, template });
    if (!verdict.admitted) {
      metrics.refused(verdict.why === 'short' ? (verdict.shortages[0]?.place.scope ?? 'Platform') : verdict.place.scope);
      const asking = { key: applicant.key, namespace: session.metadata.namespace ?? '', nowMs };
      return { admitted: false, message: refusalText(verdict, asking, holders) };
    }
    const held = admissionOf(session, world.templateOf);
    const { storage, ...rest } = reservesOf(template);
    // The home is made once: it stays as large as it was.
    const { meter = now } = this.#ports;
    const admission = admissionAt(meter(), held, { ...rest, storage: held?.storage ?? storage }, true);
    const status = { ...session.status, admission, templateRef: templateRefOf(template) };
    this.#promised.set(key, { session: { ...session, status }, admission, seen: this.#isKnown(session) });
    return { admitted: true, admission };
  }

  /** It was not written and will not be, or its session is gone. */
  withdraw(key: string): void {
    this.#promised.delete(key);
  }

  #sessions(without: string): readonly Session[] {
    const known = [...this.#ports.cache.all<Session>(RESOURCES.sessions)].filter(
      (session) => keyOf(session) !== without && !this.#promised.has(keyOf(session)),
    );
    const promised = [...this.#promised.values()].map(({ session }) => session).filter((session) => keyOf(session) !== without);
    return [...known, ...promised];
  }

  #isKnown({ metadata: { namespace, name, uid } }: Session): boolean {
    return this.#ports.cache.find<Session>(RESOURCES.sessions, namespace, name)?.metadata.uid === uid;
  }

  /** Forgets what the watch has told since, and what is gone. What the watch has never shown is only late. */
  #settle(): void {
    for (const [key, promised] of this.#promised) {
      const { namespace, name, uid } = promised.session.metadata;
      const known = this.#ports.cache.find<Session>(RESOURCES.sessions, namespace, name);
      if (known?.metadata.uid !== uid) {
        if (promised.seen) this.#promised.delete(key);
        continue;
      }
      promised.seen = true;
      const told = known?.status?.admission?.at;
      if (known?.status?.phase === 'Terminated' || (told !== undefined && told >= promised.admission.at))
        this.#promised.delete(key);
    }
  }
}
