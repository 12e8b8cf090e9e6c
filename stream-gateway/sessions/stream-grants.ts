// From a ticket to a stream or a console, and its end when the right goes: the sign-in or key it came from ends, or the
// API server says no (asked again every few seconds while it is open). Who comes through a share is asked about there.
import pMap from 'p-map';
import type { Queryable } from '../../runtime/db/database.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import type { StreamRight } from '../../schemas/api/api.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Decisions } from '../auth/decisions.ts';
import type { CredentialWatch } from '../auth/keys/credential-watch.ts';
import type { Shares } from '../sharing/shares.ts';
import type { Person } from '../store/people.ts';
import { type RedeemedTicket, redeemTicket, type TicketRight } from '../store/tickets.ts';
import { isBarred } from '../store/visits.ts';
import type { ShareEntry } from '../stream/door/door-ports.ts';
import type { SessionJson } from './kinds-json.ts';
import { VERB_OF_RIGHT } from './stream-rights.ts';

export interface StreamGrantPorts {
  readonly db: Queryable;
  /** With the gateway's own rights. */
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly credentials: CredentialWatch;
  readonly shares: Pick<Shares, 'requireOpen' | 'isFor' | 'byUid'>;
  readonly log: Logger;
}

/** What the doors get for a ticket (stream/door/upgrade.ts, console/door.ts). */
interface Granted {
  readonly person: string;
  readonly via?: ShareEntry;
  readonly displayName: string;
  /** Aborted with `SignInRequired`, `Forbidden` or `ShareNotForYou`. */
  readonly signal: AbortSignal;
  readonly release: () => void;
}

export type Grant = Granted & { readonly right: StreamRight };
export type ConsoleGrant = Granted & { readonly right: 'exec' };

interface Path {
  readonly namespace: string;
  readonly session: string;
}

interface Held {
  readonly ticket: RedeemedTicket;
  /** As he is by now. */
  readonly person: () => Person;
  readonly revoked: AbortController;
}

/** With the time of the question itself, a stream ends within 5 s of the right (P-01-4). */
const RECHECK_MS = 3_000;
/** Questions at the same time. */
const PARALLEL = 8;

export class StreamGrants {
  readonly #ports: StreamGrantPorts;
  readonly #held = new Map<object, Held>();

  constructor(ports: StreamGrantPorts) {
    this.#ports = ports;
  }

  /** Takes the ticket, for the session it was made for. @throws StreamSpaceError `TicketInvalid` */
  async redeem(text: string, path: Path): Promise<Grant> {
    const ticket = await this.#take(text, path);
    if (ticket.right === 'exec') throw new StreamSpaceError('TicketInvalid', 'the ticket is for a console');
    return this.#hold(ticket, ticket.right);
  }

  /** As {@link redeem}, for a console. */
  async redeemConsole(text: string, path: Path): Promise<ConsoleGrant> {
    const ticket = await this.#take(text, path);
    if (ticket.right !== 'exec') throw new StreamSpaceError('TicketInvalid', 'the ticket is for a stream');
    return this.#hold(ticket, ticket.right);
  }

  async #take(text: string, path: Path): Promise<RedeemedTicket> {
    const ticket = await redeemTicket(this.#ports.db, text);
    if (ticket === undefined) throw new StreamSpaceError('TicketInvalid', 'the ticket is unknown, used or expired');
    if (ticket.namespace !== path.namespace || ticket.session !== path.session)
      throw new StreamSpaceError('TicketInvalid', 'the ticket is for another session');
    return ticket;
  }

  #hold<R extends TicketRight>(ticket: RedeemedTicket, right: R): Granted & { readonly right: R } {
    // A guest has no sign-in that could end; his share is watched elsewhere (sharing/share-watch.ts).
    const lease = ticket.via?.guest === true ? undefined : this.#ports.credentials.watch(ticket.credential, ticket.person);
    const revoked = new AbortController();
    const grant = {
      person: ticket.person.name,
      right,
      ...(ticket.via === undefined ? {} : { via: ticket.via }),
      displayName: ticket.person.displayName,
      signal: AbortSignal.any([...(lease === undefined ? [] : [lease.signal]), revoked.signal]),
      release: () => {
        this.#held.delete(grant);
        lease?.[Symbol.dispose]();
      },
    };
    this.#held.set(grant, { ticket, person: lease?.person ?? (() => ticket.person), revoked });
    return grant;
  }

  /** Rights may have gone since the ticket, and another session may have the name by now. */
  async authorize(grant: object): Promise<void> {
    const held = this.#held.get(grant);
    if (held === undefined) throw new StreamSpaceError('TicketInvalid', 'the ticket has been given back');
    const { namespace, session: name, sessionUid, person, right, via } = held.ticket;
    const [allowed, session] = await Promise.all([
      via === undefined ? this.#allowed(held) : this.#requireShare(held.ticket, via),
      this.#ports.client.find<SessionJson>(RESOURCES.sessions, namespace, name),
    ]);
    if (!allowed)
      throw new StreamSpaceError('Forbidden', `${person.name} may not ${VERB_OF_RIGHT[right]} session ${namespace}/${name}`);
    if (session?.metadata.uid !== sessionUid)
      throw new StreamSpaceError('NotFound', `the session ${namespace}/${name} of the ticket is gone`);
  }

  /** Looks at every open stream once. Without an answer they live on: rights live in the API server that is away. */
  async recheck(): Promise<void> {
    const look = async (held: Held): Promise<void> => {
      const { person, right, namespace, session, via } = held.ticket;
      if (via !== undefined) {
        if (!this.#isStillFor(held, via))
          held.revoked.abort(new StreamSpaceError('ShareNotForYou', 'the share is not for you any more'));
        return;
      }
      if (await this.#allowed(held)) return;
      held.revoked.abort(
        new StreamSpaceError('Forbidden', `${person.name} may no longer ${VERB_OF_RIGHT[right]} session ${namespace}/${session}`),
      );
    };
    await pMap([...this.#held.values()], look, { concurrency: PARALLEL });
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.recheck().catch((error: unknown) =>
        this.#ports.log.debug({ err: error }, 'rights of streams could not be checked'),
      );
      await delay(RECHECK_MS, signal).catch(() => undefined);
    }
  }

  async #requireShare({ person, namespace }: RedeemedTicket, { share, shareUid, visit }: ShareEntry): Promise<true> {
    const found = await this.#ports.shares.requireOpen(namespace, share, shareUid);
    if (visit === null && !this.#ports.shares.isFor(found, person))
      throw new StreamSpaceError('ShareNotForYou', `the share is not for ${person.name}`);
    if (await isBarred(this.#ports.db, shareUid, person.name))
      throw new StreamSpaceError('ShareKicked', 'you were put out of the session');
    return true;
  }

  /** Whether he is still one of those whom it names; one that is gone is cut elsewhere. */
  #isStillFor({ person }: Held, { shareUid, visit }: ShareEntry): boolean {
    const share = visit === null ? this.#ports.shares.byUid(shareUid) : undefined;
    return share === undefined || this.#ports.shares.isFor(share, person());
  }

  async #allowed({ person, ticket: { namespace, session, right } }: Held): Promise<boolean> {
    const verb = VERB_OF_RIGHT[right];
    return await this.#ports.decisions.ask(person(), { verb, resource: 'sessions', namespace, name: session });
  }
}
