// The consoles put together.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AuditIds } from '../../runtime/kube/audit-id.ts';
import { createExec } from '../../runtime/kube/exec/exec.ts';
import { createOpenTerminal } from '../../runtime/kube/exec/exec-terminal.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Registry } from '../../runtime/metrics/metrics.ts';
import type { SessionActivities } from '../sessions/activity.ts';
import { runningSession } from '../sessions/desktop.ts';
import type { Feeds } from '../sessions/feeds.ts';
import type { SessionPolicies } from '../sessions/policies.ts';
import { endStreamsWithSessions } from '../sessions/session-end.ts';
import type { StreamGrants } from '../sessions/stream-grants.ts';
import { StreamRegistry } from '../stream/stream-registry.ts';
import { createConsoleMetrics } from './console-metrics.ts';
import { ConsoleDoor, type ConsoleDoorPorts, type EnteredConsole, parseConsolePath } from './door.ts';
import { DEFAULT_CONSOLE_LIMITS } from './limits.ts';

export interface StartConsolesOptions
  extends Pick<
    ConsoleDoorPorts,
    'publicOrigins' | 'publicUrl' | 'guard' | 'judge' | 'audit' | 'log' | 'signal' | 'addressOf' | 'now'
  > {
  readonly kubeconfig: string;
  readonly auditIds: AuditIds | undefined;
  readonly client: KubeClient;
  readonly policies: Pick<SessionPolicies, 'enter'>;
  readonly activities: Pick<SessionActivities, 'enter' | 'input'>;
  readonly feeds: Pick<Feeds, 'sessions'>;
  readonly grants: Pick<StreamGrants, 'redeemConsole' | 'authorize'>;
  readonly registry: Registry;
}

export interface Consoles {
  /** False: the request is for no console. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Resolves when none is left. */
  drained(): Promise<void>;
}

const LIMITS = { maxPerSession: 4, maxStreams: 200, code: 'ConsoleLimitReached', what: 'consoles' } as const;

export function startConsoles({
  kubeconfig,
  auditIds,
  client,
  policies,
  activities,
  feeds,
  grants,
  registry,
  ...ports
}: StartConsolesOptions): Consoles {
  const consoles = new StreamRegistry<'exec'>(LIMITS);
  endStreamsWithSessions(feeds.sessions, consoles);
  const door = new ConsoleDoor({
    ...ports,
    openTerminal: createOpenTerminal(kubeconfig, auditIds),
    exec: createExec(kubeconfig, auditIds),
    redeemTicket: (ticket, path) => grants.redeemConsole(ticket, path),
    authorize: (grant) => grants.authorize(grant),
    enter: async ({ namespace, session: name }, person): Promise<EnteredConsole> => {
      const { session, status } = await runningSession(client, namespace, name);
      using held = new DisposableStack();
      const { policy, allowance } = held.use(policies.enter(session, person));
      held.use(activities.enter(session));
      const inside = held.move();
      return {
        ...{ policy, allowance },
        container: { client, namespace, pod: status.pod ?? `${name}-0` },
        onActivity: () => activities.input(`${namespace}/${name}`, 'Console'),
        [Symbol.dispose]: () => inside.dispose(),
      };
    },
    registry: consoles,
    metrics: createConsoleMetrics(registry),
    limits: DEFAULT_CONSOLE_LIMITS,
  });
  return {
    upgrade: (request, socket, head) => {
      const path = parseConsolePath(request.url);
      if (path !== undefined) void door.enter(request, socket, head, path);
      return path !== undefined;
    },
    drained: () => consoles.drained(),
  };
}
