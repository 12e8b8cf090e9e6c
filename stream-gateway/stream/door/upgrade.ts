// The one door of streams, for the `upgrade` event of the HTTP server. Who has no right to know anything is refused over
// HTTP; who has a ticket learns over the WebSocket why there is no stream, because a page cannot read a refused upgrade.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { toStreamSpaceError } from '../../http/problem.ts';
import type { WebSocketConnection } from '../../websocket/connection.ts';
import { inTime } from '../in-time.ts';
import { DEFAULT_STREAM_LIMITS, maxFrameBytes, type StreamLimits } from '../limits.ts';
import { openStream } from '../open-stream.ts';
import type { Reservation } from '../stream-registry.ts';
import { acceptUpgrade, closeUpgrade, type Spoken, type Upgrade } from './accept-upgrade.ts';
import type { Entered, StreamGrant, StreamUpgradePorts } from './door-ports.ts';
import { auditRefusal, objectOf, refuseAtDoor, tellRefusal } from './refuse-at-door.ts';
import { parseStreamPath, parseTicket, requireOrigin, STREAM_PROTOCOL, type StreamPath, wantsNotices } from './stream-request.ts';

interface Attempt extends Upgrade {
  readonly path: StreamPath;
  readonly requestId: string;
  readonly sourceAddress: string | undefined;
}

/** For the `upgrade` event of an HTTP server. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export function createStreamUpgrade(ports: StreamUpgradePorts): UpgradeListener {
  const door = new StreamDoor(ports);
  return (request, socket, head) => void door.enter(request, socket, head);
}

class StreamDoor {
  readonly #ports: StreamUpgradePorts;
  readonly #limits: StreamLimits;
  readonly #spoken: Spoken;
  #pending = 0;

  constructor(ports: StreamUpgradePorts) {
    this.#ports = ports;
    this.#limits = { ...DEFAULT_STREAM_LIMITS, ...ports.limits };
    this.#spoken = { protocol: STREAM_PROTOCOL, maxPayload: maxFrameBytes(this.#limits) };
  }

  /** Never rejects. */
  async enter(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => undefined); // a connection that breaks while we look things up is nobody's mistake
    const requestId = randomUUID();
    const sourceAddress = this.#ports.addressOf?.(request) ?? request.socket.remoteAddress;
    const path = parseStreamPath(request.url);
    try {
      if (path === undefined) throw new StreamSpaceError('NotFound', 'nothing here speaks WebSocket');
      const attempt = { request, socket, head, path, requestId, sourceAddress };
      const grant = await this.#limited(() => this.#redeem(attempt));
      await this.#admit(attempt, grant);
    } catch (thrown) {
      refuseAtDoor(this.#ports, socket, { path, requestId, sourceAddress }, toStreamSpaceError(thrown));
    }
  }

  /** Everything that is decided over HTTP. */
  async #redeem({ request, path }: Attempt): Promise<StreamGrant> {
    requireOrigin(request, this.#ports.publicOrigins);
    if (this.#ports.signal.aborted) throw new StreamSpaceError('ShuttingDown', 'this replica is shutting down');
    await this.#ports.guard?.(request);
    return await inTime(this.#ports.redeemTicket(parseTicket(request), path));
  }

  async #admit(attempt: Attempt, grant: StreamGrant): Promise<void> {
    const { path } = attempt;
    let reservation: Reservation | undefined;
    let entering: Promise<Entered> | undefined;
    const giveBack = (): void => {
      reservation?.[Symbol.dispose]();
      // It may come when we no longer wait for it.
      entering?.then(
        (entered) => entered[Symbol.dispose](),
        () => undefined,
      );
      grant.release?.();
    };
    try {
      reservation = this.#ports.registry.reserve({ ...path, person: grant.person });
      await inTime(this.#ports.authorize?.(grant, path) ?? Promise.resolve());
      entering = this.#ports.enter(path, grant.person, grant);
      const entered = await inTime(entering);
      const held = reservation;
      acceptUpgrade(this.#spoken, attempt, (connection) => this.#open(attempt, grant, connection, entered, held), giveBack);
    } catch (thrown) {
      const error = toStreamSpaceError(thrown);
      giveBack();
      if (error.code === 'Forbidden') auditRefusal(this.#ports, 'request.refused', grant.person, attempt, error);
      tellRefusal(this.#ports, error, attempt.requestId);
      closeUpgrade(this.#spoken, attempt, error);
    }
  }

  #open(attempt: Attempt, grant: StreamGrant, connection: WebSocketConnection, entered: Entered, reservation: Reservation): void {
    const { audit, judge, log, metrics, onInput, pixels, signal } = this.#ports;
    const { path, requestId, sourceAddress } = attempt;
    const { desktop, policy, allowance, seat } = entered;
    const stream = openStream({
      connection,
      desktop,
      right: grant.right,
      dlp: { policy, allowance, judge },
      pixels,
      ...(seat === undefined ? {} : { seat }),
      notices: wantsNotices(attempt.request),
      subject: {
        person: grant.person,
        object: objectOf(path),
        requestId,
        ...(sourceAddress === undefined ? {} : { sourceAddress }),
      },
      signal: grant.signal === undefined ? signal : AbortSignal.any([signal, grant.signal]),
      ...(onInput === undefined ? {} : { onInput: (kind) => onInput(path, kind) }),
      onAudit: audit,
      metrics,
      log: log.child({ requestId }),
      limits: this.#limits,
    });
    seat?.attach(stream);
    reservation.put({ ...path, person: grant.person, right: grant.right, ...stream });
    void stream.closed.then(() => {
      entered[Symbol.dispose]();
      grant.release?.();
    });
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    const max = this.#ports.maxPending ?? 256;
    if (this.#pending >= max)
      throw new StreamSpaceError('RateLimited', `${max} streams are being opened`, { retryAfterMs: 1_000 });
    this.#pending += 1;
    try {
      return await work();
    } finally {
      this.#pending -= 1;
    }
  }
}
