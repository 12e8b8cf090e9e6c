// What a session holds of quotas, and what its start would take. Read from the Session alone: the admission stands in its
// status, so the controller, the gateway and a controller that has just started all count the same. Pure.
import type { Session, SessionStatus } from '../kinds/sessions/session.ts';
import type { Template } from '../kinds/template.ts';
import { type Amounts, NOTHING } from './amounts.ts';
import { parseQuantity } from './quantity.ts';

export type Admission = NonNullable<SessionStatus['admission']>;
/** What the pod and the home of a desktop reserve, as quantities. */
export type Reserves = Pick<Admission, 'cpu' | 'memory' | 'storage' | 'gpu'>;
/** As much of a session as is looked at here. */
export type CountedSession = Pick<Session, 'metadata' | 'spec' | 'status'>;

/** The defaults of the schema, for an object that came without them. */
export function reservesOf(template: Pick<Template, 'spec'> | undefined): Reserves {
  const { resources, home } = template?.spec ?? {};
  const { gpu } = resources ?? {};
  return {
    cpu: resources?.cpu ?? '250m',
    memory: resources?.memory ?? '512Mi',
    storage: home?.size ?? '1Gi',
    ...(gpu === undefined ? {} : { gpu: String(gpu.count) }),
  };
}

/**
 * The admission of a session; for one that was started before there were any, the one that it would have.
 * @param templateOf by `status.templateRef`
 */
export function admissionOf(
  { metadata, status }: CountedSession,
  templateOf: (namespace: string, name: string) => Template | undefined,
): Admission | undefined {
  if (status?.phase === 'Terminated') return undefined;
  if (status?.admission !== undefined) return status.admission;
  const ref = status?.templateRef;
  if (ref === undefined) return undefined;
  const running = status?.phase !== 'Hibernated' && status?.phase !== 'Pending';
  return { at: metadata.creationTimestamp ?? '', running, ...reservesOf(templateOf(ref.namespace, ref.name)) };
}

/** Without CPU hours: those are counted by time ({@link usedInMonth}). */
export function amountsOf(admission: Admission | undefined): Amounts {
  if (admission === undefined) return NOTHING;
  const { running, cpu, memory, storage, gpu = '0' } = admission;
  return {
    sessionsRunning: running ? 1_000n : 0n,
    sessionsTotal: 1_000n,
    cpu: running ? parseQuantity(cpu) : 0n,
    memory: running ? parseQuantity(memory) : 0n,
    storage: parseQuantity(storage),
    gpu: running ? parseQuantity(gpu) : 0n,
    cpuHoursPerMonth: 0n,
  };
}

/** Of what is used up nothing is left to begin with; how long a session will run nobody knows beforehand. */
const A_BEGINNING = 1n;

/** What a start needs beyond what the session holds already: one that resumes has its home and its place. */
export function needOf(held: Admission | undefined, reserves: Reserves): Amounts {
  if (held?.running === true) return NOTHING;
  const whole = { ...amountsOf({ at: '', running: true, ...reserves }), cpuHoursPerMonth: A_BEGINNING };
  return held === undefined ? whole : { ...whole, sessionsTotal: 0n, storage: 0n };
}

/** Later than the decision before it, whatever the clock says: by that time it is told which of two is the newer. */
export function admissionAt(now: Date, before: Admission | undefined, reserves: Reserves, running: boolean): Admission {
  const earliest = before === undefined ? 0 : Date.parse(before.at) + 1;
  const at = new Date(Math.max(now.getTime(), Number.isNaN(earliest) ? 0 : earliest)).toISOString();
  const { cpu, memory, storage, gpu } = reserves;
  return { at, running, cpu, memory, storage, ...(gpu === undefined ? {} : { gpu }) };
}
