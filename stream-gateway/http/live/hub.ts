// Everybody who watches a list in this process: rights are looked at again every five seconds, idle connections are kept
// open, and all of them end with the process or with the credential they came with.
import type { Response } from 'express';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Identity } from '../../auth/identity.ts';
import type { CredentialWatch } from '../../auth/keys/credential-watch.ts';
import type { Person } from '../../store/people.ts';
import type { Streaming } from '../route.ts';
import type { AccessIn } from './access.ts';
import type { Feed } from './feed.ts';
import { EventStream } from './sse.ts';
import { Subscription } from './subscription.ts';

/** Each list of each tab is one; this many of one person are a loop in a script. */
const MAX_PER_PERSON = 64;
const RECHECK_MS = 5_000;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

export interface WatchedList<T extends KubeObjectJson> {
  readonly feed: Feed<T>;
  readonly accessIn: AccessIn<T>;
  readonly namespace?: string | undefined;
  readonly cursor?: string | undefined;
}

export interface HubPorts {
  readonly credentials: CredentialWatch;
  readonly log: Logger;
  /** Ends every watch. */
  readonly signal: AbortSignal;
}

interface Member {
  readonly ended: Promise<void>;
  readonly recheck: () => Promise<void>;
  readonly beat: () => Promise<void>;
}

export class WatchHub {
  readonly #ports: HubPorts;
  readonly #members = new Set<Member>();
  readonly #perPerson = new Map<string, number>();

  constructor(ports: HubPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#members.size;
  }

  /** The answer to `Accept: text/event-stream`. */
  watch<T extends KubeObjectJson>(identity: Identity, list: WatchedList<T>, gone: AbortSignal): Streaming {
    if (!list.feed.ready) throw new StreamSpaceError('ClusterUnreachable', 'the gateway has not read this list yet');
    return async (res) => {
      using _place = this.#take(identity.person.name);
      using lease = this.#ports.credentials.watch(identity.credential, identity.person);
      const signal = AbortSignal.any([gone, lease.signal, this.#ports.signal]);
      await this.#serve(lease.person, list, res, signal);
    };
  }

  /** Resolves when the signal is aborted. */
  async loop(): Promise<void> {
    const { signal, log } = this.#ports;
    for (let round = 1; !signal.aborted; round += 1) {
      await delay(RECHECK_MS, signal).catch(() => undefined);
      for (const member of [...this.#members]) {
        // The API server away: everybody keeps what he has, and what is new waits.
        await member.recheck().catch((error: unknown) => log.debug({ err: error }, 'rights could not be checked again'));
      }
      if (round % (HEARTBEAT_MS / RECHECK_MS) === 0)
        for (const member of [...this.#members])
          void member.beat().catch((error: unknown) => log.debug({ err: error }, 'heartbeat failed'));
    }
  }

  /** Resolves when nobody watches any more; after the signal that is soon. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#members].map((member) => member.ended));
  }

  async #serve<T extends KubeObjectJson>(
    person: () => Person,
    list: WatchedList<T>,
    res: Response,
    signal: AbortSignal,
  ): Promise<void> {
    const stream = new EventStream(res);
    const subscription = new Subscription({ ...list, person, send: (event) => stream.send(event), signal });
    const ended = Promise.withResolvers<void>();
    const member: Member = {
      ended: ended.promise,
      recheck: () => subscription.recheck(),
      beat: async () => {
        await stream.heartbeat();
        if (stream.flowing && res.headersSent) await subscription.bookmark();
      },
    };
    this.#members.add(member);
    try {
      await subscription.run();
    } finally {
      this.#members.delete(member);
      stream.end(RETRY_MS);
      ended.resolve();
    }
  }

  #take(person: string): Disposable {
    const taken = this.#perPerson.get(person) ?? 0;
    if (taken >= MAX_PER_PERSON)
      throw new StreamSpaceError('RateLimited', `more than ${MAX_PER_PERSON} lists are being watched`, { retryAfterMs: 5_000 });
    this.#perPerson.set(person, taken + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#perPerson.get(person) ?? 1) - 1;
        if (left === 0) this.#perPerson.delete(person);
        else this.#perPerson.set(person, left);
      },
    };
  }
}
