// What one stream may take: time, memory, bytes a second. The defaults and their reasons.
import { DEFAULT_RFB_LIMITS, type RfbLimits } from '../rfb/limits.ts';

export interface StreamLimits {
  /** From the first packet to the desktop's ServerInit. Default 5 s: the desktop is in the same cluster. */
  readonly connectTimeoutMs: number;
  /** For the browser's half of the handshake. Default 10 s, a few slow round trips. */
  readonly handshakeTimeoutMs: number;
  /** Above this much for a slow browser the desktop is not read. Default 1 MiB, a second of a good link. */
  readonly maxBufferedBytes: number;
  /** Default 20 s, below the 60 s after which proxies cut a quiet connection. Two without a sign of life end the stream. */
  readonly heartbeatMs: number;
  /** Without a byte of progress while data waits. Default 5 minutes. */
  readonly stallTimeoutMs: number;
  /** Of the browser, between two bytes of one message. Default 10 s; a message is sent in one go. */
  readonly messageTimeoutMs: number;
  /** For the judges of content, of whom one is asked at a time. Default 5 s; they have a shorter limit of their own. */
  readonly judgeTimeoutMs: number;
  /** After this the gateway answers a fence for the browser, so that the desktop does not wait for ever. Default 10 s. */
  readonly fenceTimeoutMs: number;
  /** Pings, pongs and empty messages of the browser a second; a burst of six times that is fine. Default 5. */
  readonly controlFramesPerSecond: number;
  /** So that one noisy desktop does not delay the streams of others. Default 64 MiB/s, 30 times a video. */
  readonly toBrowserBytesPerSecond: number;
  /** Default 4 MiB/s. */
  readonly fromBrowserBytesPerSecond: number;
  /** How long the other end may take over its part of the goodbye. Default 3 s. */
  readonly closeTimeoutMs: number;
  readonly rfb: RfbLimits;
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  connectTimeoutMs: 5_000,
  handshakeTimeoutMs: 10_000,
  maxBufferedBytes: 1024 * 1024,
  heartbeatMs: 20_000,
  stallTimeoutMs: 300_000,
  messageTimeoutMs: 10_000,
  judgeTimeoutMs: 5_000,
  fenceTimeoutMs: 10_000,
  controlFramesPerSecond: 5,
  toBrowserBytesPerSecond: 64 * 1024 * 1024,
  fromBrowserBytesPerSecond: 4 * 1024 * 1024,
  closeTimeoutMs: 3_000,
  rfb: DEFAULT_RFB_LIMITS,
};

/** The largest WebSocket message: a whole clipboard, packed or not, and what stands around it in the same frame. */
export function maxFrameBytes(limits: StreamLimits): number {
  return limits.rfb.maxCutTextBytes + 64 * 1024;
}
