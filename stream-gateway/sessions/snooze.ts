// Puts the end of an idle session off, as often as its policy lets. A fact in the status of the session, as input is; the controller
// draws the conclusion. Two who snooze at once are counted as two: the second writes on what the first has written.
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Snoozed } from '../../schemas/api/snooze.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { GATEWAY_FIELD_MANAGER } from '../../schemas/names.ts';
import type { SessionJson } from './kinds-json.ts';

export interface SnoozePorts {
  /** The gateway's own. */
  readonly client: Pick<KubeClient, 'get' | 'mergePatch'>;
  readonly now: () => Date;
}

export interface Snoozer {
  readonly namespace: string;
  readonly name: string;
  readonly by: string;
}

const TRIES = 5;

/** @throws SnoozeNotAllowed */
export async function snooze(ports: SnoozePorts, { namespace, name, by }: Snoozer): Promise<Snoozed> {
  for (let tries = 1; ; tries += 1) {
    const session = await ports.client.get<SessionJson>(RESOURCES.sessions, namespace, name);
    const { at, snoozes, ...answer } = nextSnooze(session, ports.now());
    const { uid, resourceVersion } = session.metadata;
    const activity = { snoozedAt: at, snoozedBy: by.slice(0, 128), snoozes };
    const patch = { metadata: { uid, resourceVersion }, status: { activity } };
    try {
      const options = { subresource: 'status', fieldManager: GATEWAY_FIELD_MANAGER };
      await ports.client.mergePatch(RESOURCES.sessions, namespace, name, patch, options);
      return { ...answer, snoozes };
    } catch (error) {
      if (!isStatus(error, 409) || tries === TRIES) throw error;
    }
  }
}

/** What the next snooze would be. @throws SnoozeNotAllowed */
export function nextSnooze(
  { metadata: { namespace, name }, status }: Pick<SessionJson, 'metadata' | 'status'>,
  now: Date,
): Snoozed & { readonly at: string } {
  const refused = (why: string): StreamSpaceError =>
    new StreamSpaceError('SnoozeNotAllowed', `the end of session ${namespace}/${name} cannot be put off: ${why}`);
  const { activity = {}, lifetime, effectivePolicy } = status ?? {};
  const rule = effectivePolicy?.lifetime?.idle?.snoozes;
  if (rule === undefined || rule.max === 0) throw refused('its policy allows no snooze');
  if (lifetime?.warned?.some(({ reason }) => reason === 'Idle') !== true) throw refused('nobody is warned that it is idle');
  const before = countOf(activity, status?.startedAt);
  if (before >= rule.max) throw refused(`it was put off ${before} times, which is all that its policy allows without input`);
  return {
    at: now.toISOString(),
    until: new Date(now.getTime() + 1_000 * rule.seconds).toISOString(),
    snoozes: before + 1,
    left: rule.max - before - 1,
  };
}

/** Those since the last input, and of this run. */
function countOf(
  { inputAt = '', snoozedAt = '', snoozes = 0 }: NonNullable<NonNullable<SessionJson['status']>['activity']>,
  startedAt = '',
): number {
  const at = Date.parse(snoozedAt);
  const earlier = (time: string): boolean => Number.isNaN(Date.parse(time)) || Date.parse(time) < at;
  return earlier(inputAt) && earlier(startedAt) ? snoozes : 0;
}
