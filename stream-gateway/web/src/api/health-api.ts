// The health of the installation, as the gateway sees it and as this browser does.
import { type HealthReport, PROBE_PROTOCOL, PROBE_SOCKET_PATH } from '../../../../schemas/api/health.ts';

export interface HealthApi {
  health(signal: AbortSignal): Promise<HealthReport>;
  /** Whether a WebSocket to the address of this page comes about and carries words both ways. */
  socketPasses(signal: AbortSignal): Promise<boolean>;
}

/** As much of a WebSocket as it takes. */
export interface ProbeSocket {
  send(data: string): void;
  close(): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}
export type OpenSocket = (path: string, protocol: string) => ProbeSocket;

/** A proxy that buffers says nothing at all. */
const LATE_MS = 8_000;

export const openSocket: OpenSocket = (path, protocol) =>
  new WebSocket(new URL(path, location.origin.replace(/^http/, 'ws')), protocol);

export function healthApi(get: <T>(path: string, signal: AbortSignal) => Promise<T>, open: OpenSocket): HealthApi {
  return {
    health: (signal) => get('/api/v1/health', signal),
    async socketPasses(signal) {
      const socket = open(PROBE_SOCKET_PATH, PROBE_PROTOCOL);
      const word = crypto.randomUUID();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const late = AbortSignal.any([signal, AbortSignal.timeout(LATE_MS)]);
      late.addEventListener('abort', () => resolve(false));
      socket.addEventListener('open', () => socket.send(word));
      socket.addEventListener('message', (event) => {
        if (event instanceof MessageEvent && event.data === word) resolve(true);
      });
      for (const end of ['error', 'close']) socket.addEventListener(end, () => resolve(false));
      const passes = await promise;
      socket.close();
      return passes;
    },
  };
}
