// What is counted about consoles. No label holds a person or a session.
import { Counter, Gauge, type Registry } from '../../runtime/metrics/metrics.ts';
import type { ErrorCode } from '../../schemas/errors.ts';

export interface ConsoleMetrics {
  opened(): void;
  closed(code: ErrorCode | null): void;
  transferred(direction: 'toBrowser' | 'fromBrowser', bytes: number): void;
  denied(message: string, rule: string): void;
  /** A request that led to no console. */
  refused(code: ErrorCode): void;
}

export function createConsoleMetrics(registry: Registry): ConsoleMetrics {
  const registers = [registry];
  const open = new Gauge({ name: 'streamspace_consoles_open', help: 'Consoles that are open.', registers });
  const ended = new Counter({
    name: 'streamspace_consoles_closed_total',
    help: 'Consoles that ended, by code; none is an end by the person.',
    labelNames: ['code'],
    registers,
  });
  const bytes = new Counter({
    name: 'streamspace_console_bytes_total',
    help: 'Bytes of terminals relayed.',
    labelNames: ['direction'],
    registers,
  });
  const denials = new Counter({
    name: 'streamspace_console_denied_total',
    help: 'What was not forwarded: clipboards that programs set or ask for, pastes, keys above a rate.',
    labelNames: ['message', 'rule'],
    registers,
  });
  const refusals = new Counter({
    name: 'streamspace_console_refused_total',
    help: 'Requests to open a console that were refused.',
    labelNames: ['code'],
    registers,
  });
  return {
    opened: () => open.inc(),
    closed(code) {
      open.dec();
      ended.inc({ code: code ?? 'none' });
    },
    transferred: (direction, count) => bytes.inc({ direction }, count),
    denied: (message, rule) => denials.inc({ message, rule }),
    refused: (code) => refusals.inc({ code }),
  };
}
