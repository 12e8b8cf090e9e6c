// Why a stream ended, as one of our errors.
import { StreamSpaceError } from '../../schemas/errors.ts';

/** Of a signal that ends streams: its reason where that is one of ours, else the process is going. */
export function reasonOf(signal: AbortSignal): StreamSpaceError {
  const reason: unknown = signal.reason;
  return reason instanceof StreamSpaceError ? reason : new StreamSpaceError('ShuttingDown', 'the gateway is restarting');
}

export function asStreamSpaceError(error: unknown): StreamSpaceError {
  if (error instanceof StreamSpaceError) return error;
  return new StreamSpaceError('Internal', 'something went wrong inside the gateway', { cause: error });
}
