// One call for a change request: what every step of it is handed.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import type { ChangeRequestPorts, ChangeTarget } from './ports.ts';
import type { StatusChange } from './status.ts';
import { targetOf } from './target.ts';

export interface ChangeRun {
  readonly ports: ChangeRequestPorts;
  readonly signal: AbortSignal;
  /** With the status as it was last saved. */
  request: ChangeRequest;
  save(change: StatusChange): Promise<void>;
}

export async function closeBranch({ ports, request, signal }: ChangeRun): Promise<void> {
  let target: ChangeTarget;
  try {
    target = await targetOf(ports.client, request, signal);
  } catch (error) {
    // Nobody says any more how to write there: the branch stays, and says by its name what it was.
    if (error instanceof StreamSpaceError && error.entry.retry === 'never') return;
    throw error;
  }
  await ports.forge.close(target.forge, signal);
}
