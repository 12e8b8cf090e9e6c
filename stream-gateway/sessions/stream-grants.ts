// From a ticket to a stream, and the end of that stream when its right goes: the sign-in or key it came from ends, or the
// API server says no (asked again every few seconds while it is open).
import type { Queryable } from '../../runtime/db/database.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import type { StreamRight } from '../../schemas/api/api.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { CredentialWatch } from '../auth/credential-watch.ts';
import type { Decisions } from '../auth/decisions.ts';
import { type RedeemedTicket, redeemTicket } from '../store/tickets.ts';
import type { SessionJson } from './kinds-json.ts';
import { VERB_OF_RIGHT } from './stream-rights.ts';

export interface StreamGrantPorts {
  readonly db: Queryable;
  /** With the gateway's own rights. */
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly credentials: CredentialWatch;
  readonly log: Logger;
}

/** What the door of the streams gets for a ticket (stream/upgrade.ts). */
export interface Grant {
  readonly person: string;
  readonly right: StreamRight;
  /** Aborted with `SignInRequired` or `Forbidden`. */
  readonly signal: AbortSignal;
  readonly release: () => void;
}

interface Held {
  readonly ticket: RedeemedTicket;
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
  async redeem(text: string, path: { readonly namespace: string; readonly session: string }): Promise<Grant> {
    const ticket = await redeemTicket(this.#ports.db, text);
    if (ticket === undefined) throw new StreamSpaceError('TicketInvalid', 'the ticket is unknown, used or expired');
    if (ticket.namespace !== path.namespace || ticket.session !== path.session)
      throw new StreamSpaceError('TicketInvalid', 'the ticket is for another session');
    const lease = this.#ports.credentials.watch(ticket.credential);
    const revoked = new AbortController();
    const grant: Grant = {
      person: ticket.person.name,
      right: ticket.right,
      signal: AbortSignal.any([lease.signal, revoked.signal]),
      release: () => {
        this.#held.delete(grant);
        lease[Symbol.dispose]();
      },
    };
    this.#held.set(grant, { ticket, revoked });
    return grant;
  }

  /** Rights may have gone since the ticket, and another session may have the name by now. */
  async authorize(grant: object): Promise<void> {
    const held = this.#held.get(grant);
    if (held === undefined) throw new StreamSpaceError('TicketInvalid', 'the ticket has been given back');
    const { namespace, session: name, sessionUid, person, right } = held.ticket;
    const [allowed, session] = await Promise.all([
      this.#allowed(held.ticket),
      this.#ports.client.find<SessionJson>(RESOURCES.sessions, namespace, name),
    ]);
    if (!allowed)
      throw new StreamSpaceError('Forbidden', `${person.name} may not ${VERB_OF_RIGHT[right]} session ${namespace}/${name}`);
    if (session?.metadata.uid !== sessionUid)
      throw new StreamSpaceError('NotFound', `the session ${namespace}/${name} of the ticket is gone`);
  }

  /** Looks at every open stream once. Without an answer they live on: rights live in the API server that is away. */
  async recheck(): Promise<void> {
    const waiting = [...this.#held.values()];
    const worker = async (): Promise<void> => {
      for (let held = waiting.pop(); held !== undefined; held = waiting.pop()) {
        if (await this.#allowed(held.ticket)) continue;
        const { person, right, namespace, session } = held.ticket;
        held.revoked.abort(
          new StreamSpaceError(
            'Forbidden',
            `${person.name} may no longer ${VERB_OF_RIGHT[right]} session ${namespace}/${session}`,
          ),
        );
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
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

  async #allowed({ person, namespace, session, right }: RedeemedTicket): Promise<boolean> {
    const verb = VERB_OF_RIGHT[right];
    return await this.#ports.decisions.ask(person, { verb, resource: 'sessions', namespace, name: session });
  }
}
