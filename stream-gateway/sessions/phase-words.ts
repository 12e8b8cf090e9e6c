// Why a session cannot be opened, in a sentence.
import type { SessionStatus } from '../../schemas/kinds/sessions/session.ts';

export function phaseInWords(status: SessionStatus | undefined): string {
  const because = status?.message === undefined || status.message === '' ? '' : `: ${status.message}`;
  switch (status?.phase) {
    case undefined:
    case 'Pending':
      return `waits to be admitted${because}`;
    case 'Admitted':
    case 'Starting':
      return `is starting${because}`;
    case 'Running':
      return 'is running';
    case 'Hibernating':
      return 'is going to sleep';
    case 'Hibernated':
      return 'is hibernated';
    case 'Failed':
      return `has failed${because}`;
    case 'Terminating':
      return 'is being terminated';
    case 'Terminated':
      return 'has been terminated';
  }
}
