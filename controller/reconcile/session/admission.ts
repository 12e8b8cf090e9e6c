// What a session has to have before anything is made for it: room in every quota. What was admitted stands in its status before the
// first object of it is there; what runs already is never asked again.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { Session, SessionStatus } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { type Admission as Admitted, admissionAt, admissionOf, reservesOf } from '../../../schemas/quota/held.ts';
import { keyOf } from '../../../schemas/quota/world.ts';
import type { CacheOfAll } from '../wanted.ts';
import type { Admitter } from './admitter.ts';
import { admittedStatus, type Counted, countedWith, ownStatus, refusedStatus } from './status.ts';

export interface AdmissionPorts {
  readonly admitter: Pick<Admitter, 'decide' | 'withdraw'>;
  readonly cache: Pick<CacheOfAll, 'find'>;
  readonly now: () => Date;
  /** By what runs are measured: it never jumps. */
  readonly meter: () => Date;
  /** @returns the session as it is then; undefined: it is gone, and nobody has this status */
  readonly save: (session: Session, status: SessionStatus, signal: AbortSignal) => Promise<Session | undefined>;
}

export type Asked =
  /** Go on, with the session as it is now, and with this template. */
  | { readonly session: Session; readonly template: Template | undefined }
  /** It waits for room. */
  | { readonly lookAgainMs: number };

/** Room is told by events; this is for what no event tells, such as the end of an override. */
const LOOK_AGAIN_MS = 30_000;
/** What a waiting session is told changes with everybody else's sessions: no more often than this. */
const TELL_EVERY_MS = 2_000;
const GONE_MS = 1_000;

export class Admission {
  readonly #ports: AdmissionPorts;
  /** When a waiting session was last told why, by key. */
  readonly #told = new Map<string, number>();

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
  }

  /**
   * @param start.asked its StatefulSet is asked to run: it holds its room, whatever its status says, and nothing is stopped
   * @param start.template what it would run; undefined: as it is
   */
  async ask(
    session: Session,
    start: { readonly asked: boolean; readonly template: Template | undefined },
    signal: AbortSignal,
  ): Promise<Asked> {
    const adopted = start.asked ? await this.#adopt(session, start.template, signal) : session;
    const { template } = start;
    if (template === undefined) return { session: adopted, template };
    const held = adopted.status?.admission;
    if (held?.running === true && sameSize(held, template)) {
      if (start.asked || !isNewStart(adopted)) return { session: adopted, template };
      return await this.#begin(adopted, template, held, signal);
    }
    return await this.#decide(adopted, { ...start, template }, signal);
  }

  /** It is not wanted to run, or cannot: what was promised to it and not written is free again. */
  notAsked({ metadata: { namespace = '', name }, status }: Session): void {
    if (status?.admission?.running !== true) this.forget(`${namespace}/${name}`);
  }

  /** @param key `namespace/name` */
  forget(key: string): void {
    this.#told.delete(key);
    this.#ports.admitter.withdraw(key);
  }

  /** One from before there were admissions, or one whose StatefulSet somebody scaled up by hand. */
  async #adopt(session: Session, template: Template | undefined, signal: AbortSignal): Promise<Session> {
    if (session.status?.admission?.running === true) return session;
    const held = this.#heldBy(session);
    const admission = admissionAt(this.#ports.meter(), held, held ?? reservesOf(template), true);
    const status = { ...ownStatus(session.status), admission };
    const saved = (await this.#ports.save(session, status, signal)) ?? session;
    return { ...saved, status: { ...session.status, admission } };
  }

  async #decide(
    session: Session,
    { asked, template }: { readonly asked: boolean; readonly template: Template },
    signal: AbortSignal,
  ): Promise<Asked> {
    const held = this.#heldBy(session);
    const released = held === undefined ? undefined : { ...held, running: false };
    const asking = released === undefined ? session : { ...session, status: { ...session.status, admission: released } };
    const decision = this.#ports.admitter.decide(asking, template);
    if (decision.admitted) {
      this.#told.delete(keyOf(session));
      if (!asked) return await this.#begin(session, template, decision.admission, signal);
      const status = { ...session.status, ...this.#counted(session, decision.admission) };
      const saved = await this.#ports.save(session, ownStatus(status), signal);
      return saved === undefined ? this.#gone(session) : { session: { ...saved, status }, template };
    }
    // Its template has grown while it starts: it goes on as what it was admitted for.
    if (asked) return { session, template: undefined };
    return await this.#refuse(session, decision.message, released, signal);
  }

  async #begin(session: Session, template: Template, admission: Admitted, signal: AbortSignal): Promise<Asked> {
    const status = admittedStatus(session, template, this.#counted(session, admission), this.#ports.now());
    const saved = await this.#ports.save(session, status, signal);
    return saved === undefined ? this.#gone(session) : { session: saved, template };
  }

  async #refuse(session: Session, message: string, held: Admitted | undefined, signal: AbortSignal): Promise<Asked> {
    const now = this.#ports.now();
    const key = keyOf(session);
    const waits = session.status?.phase === 'Pending' && session.status.reason === 'QuotaExceeded';
    const dueMs = (this.#told.get(key) ?? 0) + TELL_EVERY_MS - now.getTime();
    if (waits && session.status?.message !== message && dueMs > 0) return { lookAgainMs: dueMs };
    this.#told.set(key, now.getTime());
    await this.#ports.save(session, refusedStatus(session, message, this.#counted(session, held), now), signal);
    this.#ports.admitter.withdraw(key);
    return { lookAgainMs: LOOK_AGAIN_MS };
  }

  /** What it holds from now on, with what it has used until now. */
  #counted(session: Session, admission: Admitted | undefined): Counted {
    return countedWith(session.status, admission, this.#ports.meter());
  }

  /** Nothing is made for a session whose admission stands nowhere. */
  #gone(session: Session): Asked {
    this.forget(keyOf(session));
    return { lookAgainMs: GONE_MS };
  }

  #heldBy(session: Session): Admitted | undefined {
    return admissionOf(session, (namespace, name) => this.#ports.cache.find<Template>(RESOURCES.templates, namespace, name));
  }
}

function sameSize({ cpu, memory, gpu }: Admitted, template: Template): boolean {
  const wanted = reservesOf(template);
  return isDeepStrictEqual([cpu, memory, gpu], [wanted.cpu, wanted.memory, wanted.gpu]);
}

function isNewStart({ status }: Session): boolean {
  const admitted = (status?.stages ?? []).some(({ name }) => name === 'Admitted');
  return !admitted || status?.phase === 'Hibernated' || status?.phase === 'Hibernating';
}
