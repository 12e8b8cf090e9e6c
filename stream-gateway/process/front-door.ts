// The door of streams in the front process: the guards that every request walks through, once, and then the connection goes to the
// stream process that its session belongs to. Tickets, rights and sessions are looked up there.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { toStreamSpaceError } from '../http/problem.ts';
import { type RefusalPorts, refuseAtDoor } from '../stream/door/refuse-at-door.ts';
import { parseStreamPath } from '../stream/door/stream-request.ts';
import type { UpgradeListener } from '../stream/door/upgrade.ts';
import type { StreamProcesses } from './stream-processes.ts';

export interface FrontDoorPorts extends RefusalPorts {
  /** Rejects to refuse over HTTP. */
  readonly guard: (request: IncomingMessage) => Promise<void>;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly processes: Pick<StreamProcesses, 'handOver'>;
}

export function createFrontDoor(ports: FrontDoorPorts): UpgradeListener {
  return (request, socket, head) => void enter(ports, request, socket, head);
}

/** Never rejects. */
async function enter(ports: FrontDoorPorts, ...[request, socket, head]: Parameters<UpgradeListener>): Promise<void> {
  socket.on('error', () => undefined); // a connection that breaks meanwhile is nobody's mistake
  // Before it breaks: a connection that is gone has no address.
  const sourceAddress = ports.addressOf(request);
  try {
    await ports.guard(request);
    if (socket.destroyed || !(socket instanceof Socket)) return;
    ports.processes.handOver(request, socket, head, sourceAddress);
  } catch (thrown) {
    const about = { path: parseStreamPath(request.url), requestId: randomUUID(), sourceAddress };
    refuseAtDoor(ports, socket, about, toStreamSpaceError(thrown));
  }
}
