// The status of a session that follows from what was observed. Pure.
import { type NewCondition, setCondition } from '../../../runtime/kube/conditions.ts';
import type { Session, SessionPhase, SessionStage, SessionStatus } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { templateSpec } from '../../../schemas/kinds/template.ts';
import { type Admission, admissionAt } from '../../../schemas/quota/held.ts';
import { usageAfter } from '../../../schemas/quota/hours.ts';
import type { Observation } from './world.ts';

const STAGES: readonly SessionStage['name'][] = ['Admitted', 'VolumeBound', 'Scheduled', 'ImageReady', 'Started', 'Answering'];
/** These begin anew with every pod. */
const OF_A_POD = new Set<SessionStage['name']>(['Scheduled', 'ImageReady', 'Started', 'Answering']);

/** The policy, the facts of its use and its lifetime have writers of their own, who are neither overwritten nor a reason to write. */
export function ownStatus(status: SessionStatus | undefined): SessionStatus {
  const { effectivePolicy: _policy, activity: _facts, lifetime: _lifetime, conditions, ...own } = status ?? {};
  return conditions === undefined ? own : { ...own, conditions: conditions.filter(({ type }) => type !== 'EndsSoon') };
}

/** What quotas count of a session: what it holds, and what it has used. */
export type Counted = Pick<SessionStatus, 'admission' | 'usage'>;

/** @param meter now, by the clock that never jumps */
export function countedWith(before: SessionStatus | undefined, admission: Admission | undefined, meter: Date): Counted {
  const usage = usageAfter(before, admission, meter.getTime());
  return { ...(admission === undefined ? {} : { admission }), ...(usage === undefined ? {} : { usage }) };
}

export interface Seen {
  readonly now: Date;
  /** The same by the clock that never jumps, by which runs are measured. */
  readonly meter: Date;
  readonly observation: Observation;
  /** The name of the pod, while there is one. */
  readonly pod?: string | undefined;
  /** Where it answers. Shown while `Running`. */
  readonly endpoint?: SessionStatus['endpoint'] | undefined;
}

/** The session was admitted and is asked to run: stages begin anew, and this is the template it runs. */
export function admittedStatus(session: Session, template: Template, counted: Counted, now: Date): SessionStatus {
  const at = now.toISOString();
  const templateRef = templateRefOf(template);
  const begun: SessionStatus = { startedAt: at, stages: [{ name: 'Admitted', at }], templateRef, ...counted };
  const message = 'there is room for it in every Quota';
  const admitted = { type: 'Admitted', status: 'True', reason: 'Admitted', message } as const;
  return { ...begun, ...said(session, { phase: 'Admitted', reached: [] }, now, admitted) };
}

/** There is no room for it. What it holds already, a home, it keeps. */
export function refusedStatus(session: Session, message: string, counted: Counted, now: Date): SessionStatus {
  const { templateRef, startedAt } = session.status ?? {};
  const reason = 'QuotaExceeded';
  const refused = { type: 'Admitted', status: 'False', reason, message } as const;
  return {
    ...(templateRef === undefined ? {} : { templateRef }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...counted,
    ...said(session, { phase: 'Pending', reason, message, reached: [] }, now, refused),
  };
}

/** @param templateRef the template that the desktop runs now, where that changed */
export function observedStatus(session: Session, seen: Seen, templateRef?: SessionStatus['templateRef']): SessionStatus {
  const { observation, now } = seen;
  const before = session.status ?? {};
  const running = observation.phase === 'Running';
  const ref = templateRef ?? before.templateRef;
  const stages = stagesOf(before, observation, now);
  const counted = countedWith(before, admissionAfter(before, observation, seen.meter), seen.meter);
  return {
    ...(ref === undefined ? {} : { templateRef: ref }),
    ...(before.startedAt === undefined ? {} : { startedAt: before.startedAt }),
    ...(stages.length === 0 ? {} : { stages }),
    ...counted,
    ...(seen.pod === undefined ? {} : { pod: seen.pod }),
    ...(running && seen.endpoint !== undefined ? { endpoint: seen.endpoint } : {}),
    ...(running ? { runningSince: runningSince(before, now) } : {}),
    ...(observation.phase === 'Hibernated' ? { hibernatedAt: before.hibernatedAt ?? now.toISOString() } : {}),
    ...said(session, observation, now),
  };
}

/** A pod that is gone holds nothing; what has ended for good has no home either. */
function admissionAfter({ admission }: SessionStatus, { phase }: Observation, now: Date): Admission | undefined {
  if (admission === undefined || phase === 'Terminated') return undefined;
  return phase === 'Hibernated' && admission.running ? admissionAt(now, admission, admission, false) : admission;
}

function runningSince(before: SessionStatus, now: Date): string {
  return before.phase === 'Running' && before.runningSince !== undefined ? before.runningSince : now.toISOString();
}

function stagesOf(before: SessionStatus, { phase, reached }: Observation, now: Date): SessionStage[] {
  if (phase === 'Hibernated' || phase === 'Terminated') return [];
  // A desktop that ran and has to start again does so with another pod or another container.
  const again = before.phase === 'Running' && phase !== 'Running';
  const kept = (before.stages ?? []).filter(({ name }) => !(again && OF_A_POD.has(name)));
  const at = now.toISOString();
  return STAGES.flatMap((name) => {
    const known = kept.find((stage) => stage.name === name);
    if (known !== undefined) return [known];
    return reached.includes(name) ? [{ name, at }] : [];
  });
}

/** The words for people and programs: phase, reason, message and the condition `Ready`. */
function said(session: Session, { phase, reason, message }: Observation, now: Date, admitted?: NewCondition): SessionStatus {
  const { generation } = session.metadata;
  const told = ownStatus(session.status).conditions;
  const others = admitted === undefined ? told : setCondition(told, admitted, now.toISOString());
  const ready = {
    type: 'Ready',
    status: phase === 'Running' ? 'True' : 'False',
    reason: reason ?? READY_REASON[phase],
    message: message ?? READY_MESSAGE[phase],
    observedGeneration: generation,
  } as const;
  return {
    phase,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message: message.slice(0, 4096) }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...setCondition(others, ready, now.toISOString())],
  };
}

const READY_REASON: Readonly<Record<SessionPhase, string>> = {
  Pending: 'Pending',
  Admitted: 'Starting',
  Starting: 'Starting',
  Running: 'Running',
  Hibernating: 'Hibernating',
  Hibernated: 'Hibernated',
  Failed: 'Internal',
  Terminating: 'Terminating',
  Terminated: 'Terminated',
};

const READY_MESSAGE: Readonly<Record<SessionPhase, string>> = {
  Pending: 'it waits to be admitted',
  Admitted: 'it was admitted',
  Starting: 'it is on its way',
  Running: 'the desktop answers',
  Hibernating: 'the pod is being stopped, the home is kept',
  Hibernated: 'the pod is stopped, the home is kept',
  Failed: 'it cannot run',
  Terminating: 'it is being ended for good',
  Terminated: 'it ended for good, with its home',
};

/** What the page shows of a template, with the schema's defaults where an object came without them. */
export function templateRefOf({ metadata, spec }: Template): NonNullable<SessionStatus['templateRef']> {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    displayName: spec.displayName,
    icon: templateSpec.shape.icon.parse(spec.icon),
  };
}
