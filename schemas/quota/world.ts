// All that counts, as somebody sees it: sessions, quotas, templates and teams; from them who holds what, who waits, and the verdict
// on one start. Pure.
import { PRIORITY_RANK, priorityOf, type SessionPriority } from '../kinds/priority.ts';
import type { Quota } from '../kinds/quota.ts';
import type { Template } from '../kinds/template.ts';
import { SYSTEM_NAMESPACE } from '../names.ts';
import { NOTHING } from './amounts.ts';
import { type Admission, admissionOf, amountsOf, type CountedSession, needOf, reservesOf } from './held.ts';
import { usedInMonth } from './hours.ts';
import type { Ledger } from './ledger.ts';
import { type Applicant, type Holder, inUse, judge, type Verdict } from './line.ts';
import { type Counted, placesOf } from './places.ts';
import { runningBy, waitingSince } from './turns.ts';

export interface QuotaWorld {
  readonly sessions: Iterable<CountedSession>;
  readonly quotas: readonly Pick<Quota, 'metadata' | 'spec'>[];
  readonly templateOf: (namespace: string, name: string) => Template | undefined;
  /** Name of the Team that a namespace belongs to. */
  readonly teamOf: (namespace: string) => string | undefined;
  /** Of the Team of a namespace. */
  readonly priorityOfTeam: (namespace: string) => SessionPriority | undefined;
  /** What sessions that are deleted have used in the month of `nowMs`. */
  readonly ledger: Ledger;
  readonly nowMs: number;
}

/** A session that wants to start, with the template that it would run. */
export interface Start {
  readonly session: CountedSession;
  readonly template: Template;
}

export const keyOf = ({ metadata: { namespace = '', name } }: CountedSession): string => `${namespace}/${name}`;

/** @returns undefined while the session holds nothing */
export function holderOf(world: QuotaWorld, session: CountedSession): Holder | undefined {
  const ref = session.status?.templateRef;
  const amounts = heldBy(world, session);
  if (amounts === undefined || ref === undefined) return undefined;
  const places = placesOf(world.quotas, countedOf(world, session, ref), world.nowMs);
  return { key: keyOf(session), owner: session.spec.owner, amounts, places, ends: session.status?.lifetime?.next };
}

/** One that has ended holds nothing, and has used its hours. */
export function heldBy(world: QuotaWorld, session: CountedSession): Holder['amounts'] | undefined {
  const admission = admissionOf(session, world.templateOf);
  const counted = world.ledger.closed.has(session.metadata.uid ?? '');
  const cpuHoursPerMonth = counted ? 0n : usedInMonth(session.status, world.nowMs);
  if (admission === undefined && cpuHoursPerMonth === 0n) return undefined;
  return { ...amountsOf(admission), cpuHoursPerMonth };
}

/** Of sessions that are no more. They count only where hours are limited. */
function* formerHolders(world: QuotaWorld): Generator<Holder> {
  const quotas = world.quotas.filter(limitsHours);
  if (quotas.length === 0) return;
  for (const { used, ...of } of world.ledger.entries) {
    const places = placesOf(quotas, { ...of, team: world.teamOf(of.namespace) }, world.nowMs);
    // No session has this key, so that it is never named.
    if (places.length > 0) yield { key: '', owner: '', amounts: { ...NOTHING, cpuHoursPerMonth: used }, places };
  }
}

export function limitsHours({ spec }: Pick<Quota, 'spec'>): boolean {
  return [spec, ...(spec.overrides ?? [])].some(({ limits }) => limits?.cpuHoursPerMonth !== undefined);
}

/** Everybody who holds something, and what those have used who are no more. */
export function holdersIn(world: QuotaWorld): readonly Holder[] {
  const holders = [...world.sessions].map((session) => holderOf(world, session)).filter((holder) => holder !== undefined);
  return [...holders, ...formerHolders(world)];
}

export function countedOf(
  { teamOf }: Pick<QuotaWorld, 'teamOf'>,
  { metadata: { namespace = '' }, spec: { owner } }: Pick<CountedSession, 'metadata' | 'spec'>,
  template: { readonly namespace?: string; readonly name: string },
): Counted {
  return { namespace, team: teamOf(namespace), owner, template: `${template.namespace ?? ''}/${template.name}` };
}

/** The template that a session would run, where everybody looks: in its own namespace, then in the system's. */
export function templateFor(
  { templateOf }: Pick<QuotaWorld, 'templateOf'>,
  { metadata: { namespace = '' }, spec }: Pick<CountedSession, 'metadata' | 'spec'>,
): Template | undefined {
  const [first = '', second] = spec.template.split('/');
  const places = second === undefined ? [namespace, SYSTEM_NAMESPACE] : [first];
  return places
    .filter((place) => place === namespace || place === SYSTEM_NAMESPACE)
    .map((place) => templateOf(place, second ?? first))
    .find((template) => template !== undefined && template.metadata.deletionTimestamp === undefined);
}

/** Whether it wants to run, and nothing but room keeps it from it. */
export function isWaiting({ metadata, spec, status }: CountedSession, held: Admission | undefined): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    (spec.desiredState ?? 'Running') === 'Running' &&
    held?.running !== true &&
    status?.phase !== 'Failed' &&
    status?.phase !== 'Terminated' &&
    status?.reason !== 'TeamNotReady'
  );
}

export function applicantOf(world: QuotaWorld, { session, template }: Start): Applicant {
  const { namespace = '', creationTimestamp = '' } = session.metadata;
  const held = admissionOf(session, world.templateOf);
  return {
    key: keyOf(session),
    owner: session.spec.owner,
    createdAt: creationTimestamp,
    rank: PRIORITY_RANK[priorityOf(world.priorityOfTeam(namespace), template.spec.priority)],
    waitsMs: world.nowMs - waitingSince(session, held !== undefined, world.nowMs),
    need: needOf(held, reservesOf(template)),
    places: placesOf(world.quotas, countedOf(world, session, template.metadata), world.nowMs),
  };
}

export interface Judged {
  readonly verdict: Verdict;
  readonly applicant: Applicant;
  /** Everybody who holds something now. */
  readonly holders: readonly Holder[];
}

/** @param start its session counts as it is given here, whatever the world has of it */
export function judgeStart(world: QuotaWorld, start: Start): Judged {
  const own = keyOf(start.session);
  const applicant = applicantOf(world, start);
  const holders: Holder[] = [...formerHolders(world)];
  const line: Applicant[] = [];
  const look = (session: CountedSession): void => {
    const holder = holderOf(world, session);
    if (holder !== undefined) holders.push(holder);
    if (keyOf(session) === own || !isWaiting(session, admissionOf(session, world.templateOf))) return;
    const template = templateFor(world, session);
    if (template !== undefined) line.push(applicantOf(world, { session, template }));
  };
  for (const session of world.sessions) if (keyOf(session) !== own) look(session);
  look(start.session);
  return { verdict: judge(inUse(holders), line, applicant, runningBy(holders)), applicant, holders };
}
