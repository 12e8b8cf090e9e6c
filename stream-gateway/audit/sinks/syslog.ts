// Syslog (RFC 5424) over TCP or TLS (RFC 5425), each message with its length in front (RFC 6587, 3.4.1). TCP alone does not tell
// what the receiver has read, so each batch is a connection of its own: it counts once the receiver has closed in answer to our end.
import { connect as connectTcp, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { finished } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { StoredEvent } from '../../store/audit.ts';
import { guardedLookup, requireAllowedAddress } from './reach.ts';
import { type Deliver, eventJson } from './sink.ts';

export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly caBundle?: string | undefined;
  /** For tests: receivers of this machine. */
  readonly allowLoopback?: true;
}

/** Facility 13: log audit (RFC 5424, 6.2.1). */
const FACILITY = 13 * 8;
const SEVERITY = { success: 6, refused: 4, failure: 3 } as const;

/** A message with its length in bytes in front. The event is its text, as JSON in UTF-8. */
export function syslogFrame(event: StoredEvent, host: string): Buffer {
  const messageId = event.type.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 32);
  const head = `<${FACILITY + SEVERITY[event.result]}>1 ${event.at} ${host} streamspace - ${messageId} - `;
  const message = Buffer.from(`${head}\ufeff${eventJson(event)}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

export function syslogSink(options: SyslogOptions): Deliver {
  const own =
    hostname()
      .replaceAll(/[^\x21-\x7e]/g, '_')
      .slice(0, 255) || '-';
  return async (events, signal) => {
    if (options.allowLoopback !== true) requireAllowedAddress(options.host);
    const socket = connect(options);
    // Waited for below; what it says once that is over is of no use, and must not be nobody's error.
    socket.on('error', () => undefined);
    // Read to its end, whatever a receiver says: what it does not want to say any more is the answer.
    socket.resume();
    socket.end(Buffer.concat(events.map((event) => syslogFrame(event, own))));
    try {
      await finished(socket, { signal });
    } catch (cause) {
      socket.destroy();
      signal.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : 'the connection broke';
      throw new StreamSpaceError('AuditSinkFailed', `syslog ${options.host}:${options.port}: ${reason}`, { cause });
    }
  };
}

function connect({ host, port, tls, caBundle, allowLoopback }: SyslogOptions): Socket {
  const target = { host, port, ...(allowLoopback === true ? {} : { lookup: guardedLookup }) };
  if (!tls) return connectTcp(target);
  return connectTls({
    ...target,
    servername: /^[\d.]+$|:/.test(host) ? '' : host,
    ...(caBundle === undefined ? {} : { ca: caBundle }),
  });
}
