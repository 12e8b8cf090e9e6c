// The far end of the WebSocket check, for the gateway's own look from outside and for the browser of whoever opens the health page.
// It says which installation it is, says again the first thing that it is told, and closes.
import type { IncomingMessage } from 'node:http';
import { PROBE_PROTOCOL, PROBE_SOCKET_PATH } from '../../schemas/api/health.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { toStreamSpaceError } from '../http/problem.ts';
import { acceptUpgrade, type Upgrade } from '../stream/door/accept-upgrade.ts';
import { type RefusalPorts, refuseAtDoor } from '../stream/door/refuse-at-door.ts';
import type { UpgradeListener } from '../stream/door/upgrade.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';

const MAX_WORD_BYTES = 128;
const MAX_OPEN = 100;
const OPEN_MS = 10_000;
const NORMAL = 1000;

export interface ProbeSocketPorts extends Omit<RefusalPorts, 'metrics'> {
  readonly guard: (request: IncomingMessage) => Promise<void>;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly installation: () => Promise<string>;
}

/** @returns whether the upgrade was one of its own */
export function createProbeSocket(ports: ProbeSocketPorts): (...upgrade: Parameters<UpgradeListener>) => boolean {
  let open = 0;
  return (request, socket, head) => {
    if ((request.url ?? '').split('?', 1)[0] !== PROBE_SOCKET_PATH) return false;
    socket.on('error', () => undefined); // whoever leaves early is nobody's mistake
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    void enter(ports, { request, socket, head }, open > MAX_OPEN);
    return true;
  };
}

/** Never rejects. */
async function enter(ports: ProbeSocketPorts, upgrade: Upgrade, isFull: boolean): Promise<void> {
  const sourceAddress = ports.addressOf(upgrade.request);
  try {
    await ports.guard(upgrade.request);
    if (isFull) throw new StreamSpaceError('RateLimited', 'too many checks of the connection at once', { retryAfterMs: OPEN_MS });
    const installation = await ports.installation();
    acceptUpgrade({ protocol: PROBE_PROTOCOL, maxPayload: MAX_WORD_BYTES }, upgrade, (connection) =>
      answer(connection, installation),
    );
  } catch (thrown) {
    const about = { path: undefined, requestId: crypto.randomUUID(), sourceAddress };
    // It is no stream that is refused.
    refuseAtDoor({ ...ports, metrics: { refused: () => undefined } }, upgrade.socket, about, toStreamSpaceError(thrown));
  }
}

function answer(connection: WebSocketConnection, installation: string): void {
  const late = setTimeout(() => connection.close(NORMAL, ''), OPEN_MS);
  const bye = (): void => {
    clearTimeout(late);
    connection.close(NORMAL, '');
  };
  connection.listen({
    onText: (word) => {
      connection.sendText(word.toString());
      bye();
    },
    onBinary: bye,
    onLeave: () => clearTimeout(late),
  });
  connection.sendText(installation);
}
