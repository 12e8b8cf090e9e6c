// Events posted to an address: a batch of CloudEvents 1.0 (JSON Batch Format) or a plain array; with a token, or signed as Standard
// Webhooks are: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64.
import { createHmac } from 'node:crypto';
import { Agent, fetch } from 'undici';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { StoredEvent } from '../../store/audit.ts';
import { guardedLookup, requireAllowedAddress } from './reach.ts';
import { type Deliver, eventJson } from './sink.ts';

export interface HttpsOptions {
  readonly url: string;
  readonly format: 'CloudEvents' | 'Json';
  readonly authentication: { readonly type: 'None' } | { readonly type: 'Bearer' | 'Hmac'; readonly secret: string };
  readonly caBundle?: string | undefined;
  /** Of the installation, for `source` of CloudEvents. */
  readonly source: string;
  readonly now: () => Date;
  /** For tests: receivers of this machine. */
  readonly allowLoopback?: true;
}

const TYPES = { CloudEvents: 'application/cloudevents-batch+json', Json: 'application/json' } as const;

export function httpsSink(options: HttpsOptions): Deliver {
  const { url, format, caBundle, allowLoopback } = options;
  return async (events, signal) => {
    const { host, hostname } = new URL(url);
    if (allowLoopback !== true) requireAllowedAddress(hostname);
    const connect = {
      ...(caBundle === undefined ? {} : { ca: caBundle }),
      ...(allowLoopback === true ? {} : { lookup: guardedLookup }),
    };
    const body = `[${events.map((event) => (format === 'Json' ? eventJson(event) : cloudEvent(event, options.source))).join(',')}]`;
    const headers = { 'content-type': TYPES[format], 'user-agent': 'streamspace', ...proof(options, events, body) };
    // Of this batch alone: a receiver that has moved is found, and nothing is left open.
    const dispatcher = new Agent({ connect });
    try {
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal, dispatcher });
      await response.body?.cancel();
      if (response.status < 200 || response.status > 299)
        throw new StreamSpaceError('AuditSinkFailed', `${host} answered with status ${response.status}`);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof StreamSpaceError) throw cause;
      throw new StreamSpaceError('AuditSinkFailed', `${host} could not be reached: ${reasonOf(cause)}`, { cause });
    } finally {
      await dispatcher.destroy();
    }
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the request failed';
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function cloudEvent(event: StoredEvent, source: string): string {
  const { id, at, type, object } = event;
  const head = { specversion: '1.0', id, source, type: `io.streamspace.audit.${type}`, time: at };
  const about = object === undefined ? {} : { subject: object };
  const data: unknown = JSON.parse(eventJson(event));
  // The extension lets a receiver put events in order, and leave out what it has.
  return JSON.stringify({ ...head, ...about, sequence: String(event.seq), datacontenttype: 'application/json', data });
}

function proof(
  { authentication, now }: HttpsOptions,
  events: readonly StoredEvent[],
  body: string,
): Readonly<Record<string, string>> {
  switch (authentication.type) {
    case 'None':
      return {};
    case 'Bearer':
      return { authorization: `Bearer ${authentication.secret}` };
    case 'Hmac': {
      const id = events[0]?.id ?? '';
      const timestamp = String(Math.floor(now().getTime() / 1000));
      const made = createHmac('sha256', authentication.secret).update(`${id}.${timestamp}.${body}`).digest('base64');
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${made}` };
    }
  }
}
