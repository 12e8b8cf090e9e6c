// Ends what a share no longer gives: streams over one that was revoked, is over or is no longer allowed are cut, those over one
// that was downgraded lose their input. With every event of a share or a session, and by the clock; each within a second (G-48).

import type { Database } from '../../runtime/db/database.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { ShareRefusal } from '../../schemas/kinds/sessions/share-verdict.ts';
import { countViewers } from '../store/seats.ts';
import type { LiveSeat } from './live-seat.ts';
import type { Shares } from './shares.ts';

export interface ShareWatchPorts {
  readonly shares: Shares;
  readonly seats: () => Iterable<LiveSeat>;
  readonly db: Database;
  readonly audit: (event: AuditEvent) => void;
  readonly log: Logger;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

const CHECK_EVERY_MS = 250;
const COUNT_EVERY_MS = 1_000;
/** The watch may be so far behind a share that was read when the stream was opened. */
const UNKNOWN_FOR_MS = 5_000;

export class ShareWatch {
  readonly #ports: ShareWatchPorts;
  readonly #cut = new WeakSet<LiveSeat>();
  readonly #seenAt = new WeakMap<LiveSeat, number>();

  constructor(ports: ShareWatchPorts) {
    this.#ports = ports;
  }

  /** Looks at every seat of this replica. */
  check(): void {
    const { shares, seats } = this.#ports;
    for (const seat of seats()) {
      seat.update(shares.stateOf(seat.facts));
      if (seat.via === undefined || this.#cut.has(seat)) continue;
      const refusal = this.#refusalOf(seat);
      if (refusal === undefined) continue;
      this.#cut.add(seat);
      const { person, namespace, session } = seat.facts;
      this.#ports.audit({
        type: 'share.cut',
        actor: person,
        result: 'success',
        object: `Session/${namespace}/${session}`,
        details: { code: refusal.code, share: seat.via.share },
      });
      seat.close(refusal.code, refusal.message);
    }
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    let countedAt = 0;
    while (!signal.aborted) {
      this.check();
      if (this.#ports.now() - countedAt >= COUNT_EVERY_MS) {
        countedAt = this.#ports.now();
        await this.count().catch((error: unknown) => this.#ports.log.debug({ err: error }, 'viewers could not be counted'));
      }
      await delay(CHECK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** `status.viewers` of the shares that have some, or had. */
  async count(): Promise<void> {
    const { db, shares, seats } = this.#ports;
    const here = new Set([...seats()].flatMap(({ via }) => (via === undefined ? [] : [via.shareUid])));
    const told = [...shares.all()].filter(({ metadata, status }) => (status?.viewers ?? 0) > 0 || here.has(metadata.uid ?? ''));
    if (told.length === 0) return;
    const counts = await countViewers(
      db,
      told.map(({ metadata }) => metadata.uid ?? ''),
    );
    for (const share of told) {
      const viewers = counts.get(share.metadata.uid ?? '') ?? 0;
      if (viewers !== (share.status?.viewers ?? 0)) await shares.patchStatus(share, { status: { viewers } });
    }
  }

  #refusalOf(seat: LiveSeat): ShareRefusal | undefined {
    const { shares, now } = this.#ports;
    const { via, facts } = seat;
    const share = via === undefined ? undefined : shares.byUid(via.shareUid);
    if (share === undefined) {
      const since = this.#seenAt.get(seat) ?? now();
      this.#seenAt.set(seat, since);
      return now() - since < UNKNOWN_FOR_MS ? undefined : { code: 'ShareRevoked', message: 'the share is gone' };
    }
    this.#seenAt.set(seat, -Infinity); // when it is missing now, it is gone
    const policy = shares.policyOf(facts.namespace, facts.session);
    if (facts.guest && !policy.guests)
      return { code: 'ShareGuestsNotAllowed', message: 'the policy lets nobody in without an account any more' };
    return shares.refusalOf(share, policy);
  }
}
