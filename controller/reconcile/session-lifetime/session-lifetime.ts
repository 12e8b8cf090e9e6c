// Ends sessions as their policies say: writes `status.lifetime` and the condition `EndsSoon` under a field manager of its own, and
// changes `spec.desiredState` when the time has come. Reads nothing but the cache; what is decided follows from stored facts alone.
import { isDeepStrictEqual } from 'node:util';
import { setCondition } from '../../../runtime/kube/conditions.ts';
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { Condition } from '../../../schemas/kinds/kind.ts';
import type { EndAction } from '../../../schemas/kinds/policies/lifetime-rules.ts';
import type { SessionLifetime } from '../../../schemas/kinds/policies/session-lifetime.ts';
import type { Session, SessionState } from '../../../schemas/kinds/sessions/session.ts';
import { LIFETIME_FIELD_MANAGER } from '../../../schemas/names.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import type { CacheOfAll } from '../wanted.ts';
import { factsOf } from './facts.ts';
import { type LifetimeVerdict, lifetime, type Planned } from './lifetime.ts';
import { endWords, soonWords } from './words.ts';

export interface SessionLifetimePorts {
  readonly client: Pick<KubeClient, 'apply' | 'find' | 'mergePatch'>;
  readonly cache: Pick<CacheOfAll, 'find'>;
  readonly events: EventRecorder;
  readonly now: () => Date;
}

/** Timers are short, and a clock may be set meanwhile. */
const MAX_WAIT_MS = 600_000;
/** The cache has what others wrote by then. */
const CHANGED_MS = 200;
const CONDITION = 'EndsSoon';
const STATE: Readonly<Record<EndAction, SessionState>> = { Hibernate: 'Hibernated', Terminate: 'Terminated' };

export function createSessionLifetimeReconciler(ports: SessionLifetimePorts): Reconciler {
  return new SessionLifetimeReconciler(ports);
}

class SessionLifetimeReconciler implements Reconciler {
  readonly kind = 'SessionLifetime';
  readonly #ports: SessionLifetimePorts;

  constructor(ports: SessionLifetimePorts) {
    this.#ports = ports;
  }

  async reconcile({ namespace, name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { cache, now } = this.#ports;
    const session = cache.find<Session>(RESOURCES.sessions, namespace, name);
    if (session === undefined || session.metadata.deletionTimestamp !== undefined) return {};
    const before = session.status?.lifetime ?? {};
    const policy = session.status?.effectivePolicy?.lifetime ?? {};
    const at = now();
    const verdict = lifetime(factsOf(session), policy, before, at.getTime());
    const told = toldOf(session, verdict);
    if (verdict.due && verdict.next !== undefined) return await this.#end(session, verdict.next, told, signal);
    await this.#save(session, told, verdict, signal);
    const { lookAgainAt } = verdict;
    return lookAgainAt === undefined ? {} : { requeueAfterMs: Math.min(Math.max(lookAgainAt - at.getTime(), 100), MAX_WAIT_MS) };
  }

  async #save(session: Session, told: SessionLifetime, verdict: LifetimeVerdict, signal: AbortSignal): Promise<void> {
    const { status = {} } = session;
    const soon = soonestWarned(verdict);
    const standing = status.conditions?.find(({ type }) => type === CONDITION);
    const condition = conditionOf(standing, soon, this.#ports.now());
    const own = ownPart(status.lifetime, standing);
    const wanted = ownPart(Object.keys(told).length === 0 ? undefined : told, condition);
    if (isDeepStrictEqual(JSON.parse(JSON.stringify(wanted)), own)) return;
    const { client } = this.#ports;
    const seen = { ...session, status: own };
    const saved = await saveStatus(client, RESOURCES.sessions, seen, wanted, signal, LIFETIME_FIELD_MANAGER);
    if (saved.outcome !== 'saved') return;
    if (soon !== undefined && standing?.status !== 'True') this.#record(session, 'Warning', 'EndsSoon', soonWords(soon));
    if (told.snoozes !== undefined && told.snoozes !== status.lifetime?.snoozes)
      this.#record(
        session,
        'Normal',
        'Snoozed',
        `${status.activity?.snoozedBy ?? 'somebody'} put the end off until ${told.snoozedUntil}`,
      );
    if (told.dormant === true && status.lifetime?.dormant !== true)
      this.#record(session, 'Normal', 'Dormant', 'nobody has resumed it for as long as its policy calls dormant');
  }

  /**
   * Why it ends is written first, so that none is ended without a word, a controller that dies in between or not. Both only if nothing
   * of the session has changed since it was judged: somebody may have typed. It is then judged anew, by itself: what changed need not
   * be anything that wakes us.
   */
  async #end(session: Session, next: Planned, told: SessionLifetime, signal: AbortSignal): Promise<ReconcileResult> {
    const { client, now } = this.#ports;
    const { namespace, name, uid, resourceVersion } = session.metadata;
    const { lifetime: before, conditions } = session.status ?? {};
    const standing = conditions?.find(({ type }) => type === CONDITION);
    const status = ownPart({ ...told, ended: endedBy(next, before?.ended, now()) }, standing);
    const options = { fieldManager: LIFETIME_FIELD_MANAGER, signal };
    const judged = { name, namespace, uid, resourceVersion };
    const body = JSON.stringify({ apiVersion: session.apiVersion, kind: session.kind, metadata: judged, status });
    try {
      const { metadata } = isDeepStrictEqual(JSON.parse(JSON.stringify(status)), ownPart(before, standing))
        ? session
        : await client.apply<Session>(RESOURCES.sessions, namespace, name, body, {
            ...options,
            ...{ force: true, subresource: 'status' },
          });
      const patch = {
        metadata: { resourceVersion: metadata.resourceVersion },
        spec: { desiredState: STATE[next.action] },
      };
      await client.mergePatch(RESOURCES.sessions, namespace, name, patch, options);
    } catch (error) {
      if (isStatus(error, 404)) return {};
      if (isStatus(error, 409)) return { requeueAfterMs: CHANGED_MS };
      throw error;
    }
    const reason = next.action === 'Hibernate' ? 'HibernatedByPolicy' : 'TerminatedByPolicy';
    this.#record(session, 'Normal', reason, endWords(next, told.lastInputAt));
    return {};
  }

  #record(
    { metadata: { namespace, name, uid = '' } }: Session,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    this.#ports.events.record({ resource: RESOURCES.sessions, namespace, name, uid }, { type, reason, message });
  }
}

interface OwnPart {
  readonly lifetime?: SessionLifetime;
  readonly conditions?: readonly Condition[];
}

function ownPart(lifetime: SessionLifetime | undefined, condition: Condition | undefined): OwnPart {
  return {
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(condition === undefined ? {} : { conditions: [condition] }),
  };
}

function conditionOf(standing: Condition | undefined, soon: Planned | undefined, now: Date): Condition | undefined {
  if (soon === undefined && standing === undefined) return undefined;
  const wanted =
    soon === undefined
      ? ({ type: CONDITION, status: 'False', reason: 'NotSoon', message: 'nothing is about to end it' } as const)
      : ({ type: CONDITION, status: 'True', reason: soon.reason, message: soonWords(soon) } as const);
  return setCondition(standing === undefined ? [] : [standing], wanted, now.toISOString())[0];
}

function soonestWarned({ next }: LifetimeVerdict): Planned | undefined {
  return next?.warnedSince === undefined ? undefined : next;
}

type Ended = NonNullable<SessionLifetime['ended']>;

/** @param before what an attempt that others wrote into has said of the same end */
function endedBy({ action, reason, at }: Planned, before: Ended | undefined, now: Date): Ended {
  const same = before?.action === action && before.reason === reason && Date.parse(before.at) >= at;
  return same ? before : { action, reason, at: now.toISOString() };
}

/** What is written of a verdict. */
function toldOf({ spec, status = {} }: Session, verdict: LifetimeVerdict): SessionLifetime {
  const { activity = {}, lifetime: before = {} } = status;
  const { next, warnings, unknownSince, snoozedUntil, dormant } = verdict;
  const ended = (spec.desiredState ?? 'Running') === 'Running' ? undefined : before.ended;
  return {
    ...(activity.inputAt === undefined ? {} : { lastInputAt: activity.inputAt }),
    ...(activity.inputKind === undefined ? {} : { lastInputKind: activity.inputKind }),
    ...(next === undefined ? {} : { next: { action: next.action, at: text(next.at), reason: next.reason } }),
    ...(warnings.length === 0 ? {} : { warned: warnings.map(({ reason, since }) => ({ reason, since: text(since) })) }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil: text(snoozedUntil), snoozes: activity.snoozes ?? 1 }),
    ...(unknownSince === undefined ? {} : { unknownSince: text(unknownSince) }),
    ...(dormant ? { dormant } : {}),
    ...(ended === undefined ? {} : { ended }),
  };
}

function text(at: number): string {
  return new Date(at).toISOString();
}
