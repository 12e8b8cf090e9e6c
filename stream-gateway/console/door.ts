// The door of consoles, for the `upgrade` event of the HTTP server; as that of streams (stream/door/upgrade.ts): who has no right to know
// anything is refused over HTTP, who has a ticket learns over the WebSocket why there is no console.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CONSOLE_PROTOCOL } from '../../schemas/api/console.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { toStreamSpaceError } from '../http/problem.ts';
import type { ConsoleGrant } from '../sessions/stream-grants.ts';
import { acceptUpgrade, closeUpgrade, type Spoken, type Upgrade } from '../stream/door/accept-upgrade.ts';
import { auditRefusal, objectOf, type RefusalPorts, refuseAtDoor, tellRefusal } from '../stream/door/refuse-at-door.ts';
import { parseTicket, requireOrigin, type StreamPath } from '../stream/door/stream-request.ts';
import { inTime } from '../stream/in-time.ts';
import type { Allowance, JudgeContent, StreamPolicy } from '../stream/stream-policy.ts';
import type { StreamRegistry } from '../stream/stream-registry.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';
import type { ContainerOf } from './console-end.ts';
import type { ConsoleMetrics } from './console-metrics.ts';
import { consoleRefusal } from './console-policy.ts';
import type { ConsoleLimits } from './limits.ts';
import { openConsole } from './open-console.ts';
import type { ShellPorts } from './shell.ts';

/** A session whose console somebody may open now. Disposed when there is no console (any more). */
export interface EnteredConsole extends Disposable {
  readonly container: ContainerOf;
  readonly policy: StreamPolicy;
  readonly allowance: Allowance;
  /** Somebody typed or pasted. */
  readonly onActivity: () => void;
}

export interface ConsoleDoorPorts extends ShellPorts, RefusalPorts {
  readonly publicOrigins: ReadonlySet<string>;
  readonly guard?: (request: IncomingMessage) => Promise<void>;
  readonly redeemTicket: (ticket: string, path: StreamPath) => Promise<ConsoleGrant>;
  readonly authorize: (grant: ConsoleGrant) => Promise<void>;
  readonly enter: (path: StreamPath, person: string) => Promise<EnteredConsole>;
  readonly judge: JudgeContent;
  readonly registry: StreamRegistry<'exec'>;
  readonly metrics: ConsoleMetrics;
  readonly signal: AbortSignal;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly limits: ConsoleLimits;
  readonly now: () => number;
}

interface Attempt extends Upgrade {
  readonly path: StreamPath;
  readonly requestId: string;
  readonly sourceAddress: string;
}

const MAX_PENDING = 64;
const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const PATH = new RegExp(`^/api/v1/namespaces/(${LABEL})/sessions/(${LABEL})/console$`);

/** Undefined: it is not the path of a console. */
export function parseConsolePath(url: string | undefined): StreamPath | undefined {
  const [, namespace, session] = PATH.exec(url ?? '') ?? [];
  return namespace === undefined || session === undefined ? undefined : { namespace, session };
}

export class ConsoleDoor {
  readonly #ports: ConsoleDoorPorts;
  readonly #spoken: Spoken;
  #pending = 0;

  constructor(ports: ConsoleDoorPorts) {
    this.#ports = ports;
    this.#spoken = { protocol: CONSOLE_PROTOCOL, maxPayload: ports.limits.maxMessageBytes };
  }

  /** Never rejects. */
  async enter(request: IncomingMessage, socket: Duplex, head: Buffer, path: StreamPath): Promise<void> {
    socket.on('error', () => undefined); // a connection that breaks while we look things up is nobody's mistake
    const attempt = { request, socket, head, path, requestId: randomUUID(), sourceAddress: this.#ports.addressOf(request) };
    try {
      const grant = await this.#redeem(attempt);
      await this.#admit(attempt, grant);
    } catch (thrown) {
      refuseAtDoor(this.#ports, socket, attempt, toStreamSpaceError(thrown));
    }
  }

  async #redeem({ request, path }: Attempt): Promise<ConsoleGrant> {
    const { guard, publicOrigins, redeemTicket, signal } = this.#ports;
    requireOrigin(request, publicOrigins);
    if (signal.aborted) throw new StreamSpaceError('ShuttingDown', 'this replica is shutting down');
    if (this.#pending >= MAX_PENDING)
      throw new StreamSpaceError('RateLimited', `${MAX_PENDING} consoles are being opened`, { retryAfterMs: 1_000 });
    this.#pending += 1;
    try {
      await guard?.(request);
      return await inTime(redeemTicket(parseTicket(request, CONSOLE_PROTOCOL), path));
    } finally {
      this.#pending -= 1;
    }
  }

  async #admit(attempt: Attempt, grant: ConsoleGrant): Promise<void> {
    const { path } = attempt;
    using held = new DisposableStack();
    held.defer(() => grant.release());
    try {
      const reservation = held.use(this.#ports.registry.reserve({ ...path, person: grant.person }));
      await inTime(this.#ports.authorize(grant));
      const entering = this.#ports.enter(path, grant.person);
      const entered = held.use(await inTime(entering).catch(disposeLater(entering)));
      const refusal = consoleRefusal(entered.policy);
      if (refusal !== undefined) throw refusal;
      const lent = held.move();
      const use = (connection: WebSocketConnection): void => {
        const opened = this.#open(attempt, grant, connection, entered);
        reservation.put({ ...path, person: grant.person, right: 'exec', ...opened });
        void opened.closed.then(() => lent.dispose());
      };
      acceptUpgrade(this.#spoken, attempt, use, () => lent.dispose());
    } catch (thrown) {
      const error = toStreamSpaceError(thrown);
      const type = error.code === 'Forbidden' ? 'request.refused' : 'console.refused';
      if (error.entry.category === 'forbidden' || error.entry.category === 'limit')
        auditRefusal(this.#ports, type, grant.person, attempt, error);
      tellRefusal(this.#ports, error, attempt.requestId);
      closeUpgrade(this.#spoken, attempt, error);
    }
  }

  #open(
    attempt: Attempt,
    grant: ConsoleGrant,
    connection: WebSocketConnection,
    entered: EnteredConsole,
  ): ReturnType<typeof openConsole> {
    const { audit, exec, judge, limits, log, metrics, now, openTerminal, signal } = this.#ports;
    const { path, requestId, sourceAddress } = attempt;
    const { allowance, container, onActivity, policy } = entered;
    return openConsole({
      ...{ connection, openTerminal, exec, container, metrics, limits, now },
      dlp: { policy, allowance, judge },
      subject: { person: grant.person, object: objectOf(path), requestId, sourceAddress },
      signal: AbortSignal.any([signal, grant.signal]),
      onActivity,
      onAudit: audit,
      log: log.child({ requestId }),
    });
  }
}

/** What comes when nobody waits for it any more. */
function disposeLater(entering: Promise<Disposable>): (error: unknown) => never {
  return (error) => {
    entering.then(
      (late) => late[Symbol.dispose](),
      () => undefined,
    );
    throw error;
  };
}
