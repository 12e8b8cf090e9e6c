// Codes of: stream.
import type { ErrorEntry } from './entry.ts';

export const STREAM_ERRORS = {
  RfbMalformed: { category: 'invalid', retry: 'never', remedy: 'Open the session with a supported viewer.' },
  RfbUnknownMessage: { category: 'invalid', retry: 'never', remedy: 'Open the session with a supported viewer.' },
  RfbIncomplete: {
    category: 'invalid',
    retry: 'backoff',
    remedy: 'Connect again; the viewer stopped in the middle of a message.',
  },
  RfbTooLarge: { category: 'limit', retry: 'never', remedy: 'Send less at a time.' },
  StreamLimitReached: {
    category: 'limit',
    retry: 'backoff',
    remedy: 'Close another window of this session or of others, or ask those who look on to leave.',
  },
  StreamsUnavailable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Connect again in a moment; the processes that serve streams are being started. If it stays, see the log of the gateway.',
  },
  PolicyUnavailable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Wait a moment; nobody is let into a desktop before its policy is known. If it stays, see status.effectivePolicy of the session and the log of the controller.',
  },
  PolicyChanged: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Connect again at once: a watermark or a visible region was switched on or off for this session.',
  },
  PictureLost: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Connect again; the part of the gateway that marks the picture has started anew.',
  },
  StreamTooSlow: { category: 'limit', retry: 'backoff', remedy: 'Check the network; the session itself goes on.' },
  StreamIdle: { category: 'limit', retry: 'backoff', remedy: 'Connect again; the other end did not answer.' },
} as const satisfies Record<string, ErrorEntry>;
