// What is counted about streams. No label holds a person or a session.
import { Counter, Gauge, type Registry } from '../../runtime/metrics/metrics.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { DenyRule } from '../dlp/verdict.ts';
import type { StreamRight } from '../dlp/view-only.ts';

export interface StreamMetrics {
  opened(right: StreamRight): void;
  closed(right: StreamRight, code: ErrorCode | null): void;
  transferred(direction: 'toBrowser' | 'fromBrowser', bytes: number): void;
  denied(message: string, rule: DenyRule): void;
  /** An upgrade that led to no stream. */
  refused(code: ErrorCode): void;
}

export function createStreamMetrics(registry: Registry): StreamMetrics {
  const registers = [registry];
  const open = new Gauge({ name: 'streamspace_streams_open', help: 'Streams that are open.', labelNames: ['right'], registers });
  const ended = new Counter({
    name: 'streamspace_streams_closed_total',
    help: 'Streams that ended, by code; none is an end by the browser.',
    labelNames: ['code'],
    registers,
  });
  // Numbers until somebody asks: a counter with labels takes longer than the key that it would count.
  const uncounted = { toBrowser: 0, fromBrowser: 0 };
  new Counter({
    name: 'streamspace_stream_bytes_total',
    help: 'Bytes of RFB relayed.',
    labelNames: ['direction'],
    registers,
    collect() {
      for (const direction of ['toBrowser', 'fromBrowser'] as const) {
        this.inc({ direction }, uncounted[direction]);
        uncounted[direction] = 0;
      }
    },
  });
  const denials = new Counter({
    name: 'streamspace_stream_denied_total',
    help: 'Messages that were not forwarded.',
    labelNames: ['message', 'rule'],
    registers,
  });
  const refusals = new Counter({
    name: 'streamspace_stream_refused_total',
    help: 'Requests to open a stream that were refused.',
    labelNames: ['code'],
    registers,
  });
  return {
    opened: (right) => open.inc({ right }),
    closed(right, code) {
      open.dec({ right });
      ended.inc({ code: code ?? 'none' });
    },
    transferred(direction, count) {
      uncounted[direction] += count;
    },
    denied: (message, rule) => denials.inc({ message, rule }),
    refused: (code) => refusals.inc({ code }),
  };
}
