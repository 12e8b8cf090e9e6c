// When people last used a session, written into its status: at most once in half a minute for each session, and always the last.
// While streams are open it also says until when it will have spoken again, so that silence is not taken for idleness.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import type { InputKind, SessionActivity } from '../../schemas/kinds/policies/session-lifetime.ts';
import { GATEWAY_FIELD_MANAGER } from '../../schemas/names.ts';
import type { SessionJson } from './kinds-json.ts';

export interface ActivityPorts {
  readonly client: Pick<KubeClient, 'mergePatch'>;
  /** As the watch has it, by `namespace/name`. */
  readonly sessionOf: (key: string) => Pick<SessionJson, 'metadata' | 'status'> | undefined;
  readonly now: () => Date;
  readonly log: Logger;
}

/** Where no policy asks for it, the last input is for people to read only. */
const UNASKED_MS = 300_000;
const MOST_MS = 30_000;
const LEAST_MS = 1_000;
/** What is written holds for so many times the time between two writes. */
const VALID_TIMES = 2.5;

interface Used {
  readonly uid: string;
  /** Open streams and consoles. */
  open: number;
  input: Pick<SessionActivity, 'inputAt' | 'inputKind'>;
  knownSince: string | undefined;
  /** Something that is not written yet. */
  dirty: boolean;
  lastWriteMs: number;
  /** What its policy asked for when it was last written. */
  everyMs: number;
  timer: NodeJS.Timeout | undefined;
  writing: Promise<void> | undefined;
}

export class SessionActivities implements AsyncDisposable {
  readonly #ports: ActivityPorts;
  /** By `namespace/name`. */
  readonly #used = new Map<string, Used>();

  constructor(ports: ActivityPorts) {
    this.#ports = ports;
  }

  /** A stream or console was opened; dispose it with that. It is told before anybody can give input. */
  enter({ metadata: { namespace = '', name, uid = '' }, status }: Pick<SessionJson, 'metadata' | 'status'>): Disposable {
    const key = `${namespace}/${name}`;
    const known = this.#used.get(key);
    const used = known?.uid === uid ? known : this.#begin(uid, status?.activity);
    this.#used.set(key, used);
    used.open += 1;
    if (used.open === 1) this.#soon(key, used, 0);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        used.open -= 1;
        if (used.open === 0) this.#soon(key, used, 0);
      },
    };
  }

  /** @param key `namespace/name` */
  input(key: string, kind: InputKind): void {
    const used = this.#used.get(key);
    if (used === undefined) return;
    used.input = { inputAt: this.#ports.now().toISOString(), inputKind: kind };
    if (used.dirty) return; // its write is on the way, or waits for its time
    used.dirty = true;
    const waitMs = used.lastWriteMs + this.#everyMs(key) - performance.now();
    this.#soon(key, used, Math.max(waitMs, 0));
  }

  /** Another policy may ask for more. */
  changed(key: string): void {
    const used = this.#used.get(key);
    if (used !== undefined && this.#everyMs(key) < used.everyMs) this.#soon(key, used, 0);
  }

  /** What is not written yet is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#used].map(([key, used]) => this.#write(key, used, { last: true })));
    for (const { timer } of this.#used.values()) clearTimeout(timer);
    this.#used.clear();
  }

  #begin(uid: string, activity: SessionActivity | undefined): Used {
    const now = this.#ports.now();
    // Whoever watched before ended without a word: what was typed since then nobody has seen.
    const unseen = activity?.watchedUntil !== undefined && Date.parse(activity.watchedUntil) < now.getTime();
    return {
      ...{
        uid,
        open: 0,
        input: {},
        dirty: false,
        lastWriteMs: Number.NEGATIVE_INFINITY,
        everyMs: UNASKED_MS,
        timer: undefined,
        writing: undefined,
      },
      knownSince: unseen ? now.toISOString() : undefined,
    };
  }

  #everyMs(key: string): number {
    const idle = this.#ports.sessionOf(key)?.status?.effectivePolicy?.lifetime?.idle;
    if (idle === undefined) return UNASKED_MS;
    const least = Math.min(idle.afterSeconds / 6, idle.warnSeconds / 2) * 1_000;
    return Math.min(Math.max(least, LEAST_MS), MOST_MS);
  }

  #soon(key: string, used: Used, waitMs: number): void {
    clearTimeout(used.timer);
    used.timer = setTimeout(() => void this.#write(key, used), waitMs);
    used.timer.unref();
  }

  async #write(key: string, used: Used, { last = false } = {}): Promise<void> {
    await used.writing;
    if (last && !used.dirty && used.open === 0 && used.knownSince === undefined) return;
    used.writing = this.#patch(key, used, last);
    await used.writing;
    used.writing = undefined;
    if (last || this.#used.get(key) !== used) return;
    // Open streams go on to be watched; what could not be written is tried again, with what came meanwhile.
    if (used.open > 0 || used.dirty) this.#soon(key, used, this.#everyMs(key));
    else this.#used.delete(key);
  }

  async #patch(key: string, used: Used, last: boolean): Promise<void> {
    const { client, log, now, sessionOf } = this.#ports;
    const session = sessionOf(key);
    used.lastWriteMs = performance.now();
    used.everyMs = this.#everyMs(key);
    if (session !== undefined && session.metadata.uid !== used.uid) {
      used.dirty = false;
      return;
    }
    const open = used.open > 0 && !last;
    const watchedUntil = open ? new Date(now().getTime() + VALID_TIMES * used.everyMs).toISOString() : null;
    const { knownSince } = used;
    const activity = { ...used.input, watchedUntil, ...(knownSince === undefined ? {} : { knownSince }) };
    const [namespace = '', name = ''] = key.split('/', 2);
    used.dirty = false;
    try {
      await client.mergePatch(
        RESOURCES.sessions,
        namespace,
        name,
        { metadata: { uid: used.uid }, status: { activity } },
        { subresource: 'status', fieldManager: GATEWAY_FIELD_MANAGER },
      );
      if (used.knownSince === knownSince) used.knownSince = undefined;
    } catch (error) {
      // One that is gone is used no more.
      used.dirty = sessionOf(key)?.metadata.uid === used.uid;
      log.warn({ err: error, session: key }, 'the use of a session could not be written');
    }
  }
}
