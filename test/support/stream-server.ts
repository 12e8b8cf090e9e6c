// The stream gateway's door alone, on a port of its own, with tickets and sessions from a table. For tests of streams.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createLogger } from '../../runtime/log/log.ts';
import { Registry } from '../../runtime/metrics/metrics.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { MergedDlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { MergedDisplays } from '../../schemas/kinds/policies/session-rules.ts';
import type { DenyRule } from '../../stream-gateway/dlp/verdict.ts';
import type { StreamRight } from '../../stream-gateway/dlp/view-only.ts';
import type { PolicyLease } from '../../stream-gateway/sessions/policies.ts';
import { Allowances } from '../../stream-gateway/stream/clipboard/allowances.ts';
import type { DesktopEndpoint } from '../../stream-gateway/stream/desktop/desktop-side.ts';
import { createStreamUpgrade } from '../../stream-gateway/stream/door/upgrade.ts';
import type { StreamLimits } from '../../stream-gateway/stream/limits.ts';
import { PixelWorkers } from '../../stream-gateway/stream/pixels/pixel-workers.ts';
import { createStreamMetrics, type StreamMetrics } from '../../stream-gateway/stream/stream-metrics.ts';
import { type JudgeContent, StreamPolicy } from '../../stream-gateway/stream/stream-policy.ts';
import { type RegistryLimits, StreamRegistry } from '../../stream-gateway/stream/stream-registry.ts';
import { connectRfb, type RfbClient, type RfbClientOptions } from './rfb-client.ts';

export const ORIGIN = 'https://desktops.example.com';

/** Nothing is limited. */
export const OPEN_RULES: MergedDlpRules = {
  clipboard: {
    up: true,
    down: true,
    maxBytes: 256 * 1024,
    formats: ['text', 'rtf', 'html', 'dib', 'files'],
    windowSeconds: 0,
    rules: [],
  },
};

export const limited = (clipboard: Partial<MergedDlpRules['clipboard']>, more: Partial<MergedDlpRules> = {}): MergedDlpRules => ({
  ...more,
  clipboard: { ...OPEN_RULES.clipboard, ...clipboard },
});

export interface StreamServerOptions {
  /** A function, so that a test can move the desktop. */
  readonly desktop: () => DesktopEndpoint | Promise<DesktopEndpoint>;
  /** Where it listens; default 127.0.0.1. */
  readonly host?: string;
  readonly limits?: Partial<StreamLimits>;
  readonly registry?: Partial<RegistryLimits>;
  /** In force at the start; default {@link OPEN_RULES}, with the hash `first`. */
  readonly rules?: MergedDlpRules;
  /** How many screens and pixels; default any. */
  readonly displays?: MergedDisplays;
  /** Field to `kind/namespace/name` of the policy that limits it. */
  readonly origins?: Readonly<Record<string, string>>;
  /** In place of the policy of this server. @throws PolicyUnavailable */
  readonly enter?: (person: string) => PolicyLease;
  /** Default: passes everything as it is. */
  readonly judge?: JudgeContent;
}

export interface StreamServer extends AsyncDisposable {
  /** Of the session `team-web/one`. */
  readonly url: string;
  readonly port: number;
  readonly registry: StreamRegistry;
  /** Of all its streams. */
  readonly policy: StreamPolicy;
  readonly audit: AuditEvent[];
  /** `message/rule` to how often. */
  readonly denied: Map<string, number>;
  /** Codes of refused upgrades. */
  readonly refused: string[];
  /** A ticket for one stream of one person. */
  ticket(right: StreamRight, person?: string): string;
  connect(right: StreamRight, options?: Partial<RfbClientOptions>): Promise<RfbClient>;
  /** Drains: every stream closes. */
  drain(): void;
}

export async function startStreamServer(options: StreamServerOptions): Promise<StreamServer> {
  const drain = new AbortController();
  const tickets = new Map<string, { readonly person: string; readonly right: StreamRight }>();
  const audit: AuditEvent[] = [];
  const denied = new Map<string, number>();
  const refused: string[] = [];
  const registry = new StreamRegistry(options.registry);
  const pixels = new PixelWorkers();
  const origins = new Map(Object.entries(options.origins ?? {}));
  const policy = new StreamPolicy({ hash: 'first', rules: options.rules ?? OPEN_RULES, origins, displays: options.displays });
  const allowances = new Allowances(() => performance.now());
  const metrics: StreamMetrics = {
    ...createStreamMetrics(new Registry()),
    denied: (message: string, rule: DenyRule) => denied.set(`${message}/${rule}`, (denied.get(`${message}/${rule}`) ?? 0) + 1),
    refused: (code) => refused.push(code),
  };
  const server = createServer().on(
    'upgrade',
    createStreamUpgrade({
      publicOrigins: new Set([ORIGIN]),
      publicUrl: ORIGIN,
      redeemTicket: async (ticket) => {
        const grant = tickets.get(ticket);
        tickets.delete(ticket);
        if (grant === undefined) throw new StreamSpaceError('TicketInvalid', 'the ticket is unknown, used or expired');
        return grant;
      },
      enter: async (_path, person) => {
        const lease = options.enter?.(person) ?? { policy, ...allowances.lease('uid', person) };
        return { desktop: await options.desktop(), ...lease };
      },
      judge: options.judge ?? (({ clip }) => ({ action: 'pass', clip, findings: [] })),
      pixels,
      audit: (event) => audit.push(event),
      metrics,
      log: createLogger({ name: 'test', level: 'silent' }),
      registry,
      signal: drain.signal,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    }),
  );
  const host = options.host ?? '127.0.0.1';
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${address.port}/api/v1/namespaces/team-web/sessions/one/stream`;
  let count = 0;
  const ticket = (right: StreamRight, person = 'member'): string => {
    count += 1;
    const text = `ticket-for-a-test-${count}`;
    tickets.set(text, { person, right });
    return text;
  };
  return {
    url,
    port: address.port,
    registry,
    policy,
    audit,
    denied,
    refused,
    ticket,
    connect: (right, more = {}) => connectRfb({ url, origin: ORIGIN, ticket: ticket(right), ...more }),
    drain: () => drain.abort(),
    async [Symbol.asyncDispose]() {
      drain.abort();
      await registry.drained();
      await pixels[Symbol.asyncDispose]();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
