// All that counts, as somebody sees it: sessions, quotas, templates and teams; from them who holds what, who waits, and the verdict
// on one start. Pure.
import type { Quota } from '../kinds/quota.ts';
import type { Template } from '../kinds/template.ts';
import { SYSTEM_NAMESPACE } from '../names.ts';
import { type Admission, admissionOf, amountsOf, type CountedSession, needOf, reservesOf } from './held.ts';
import { type Applicant, type Holder, inUse, judge, type Verdict } from './line.ts';
import { type Counted, placesOf } from './places.ts';

export interface QuotaWorld {
  readonly sessions: Iterable<CountedSession>;
  readonly quotas: readonly Pick<Quota, 'metadata' | 'spec'>[];
  readonly templateOf: (namespace: string, name: string) => Template | undefined;
  /** Name of the Team that a namespace belongs to. */
  readonly teamOf: (namespace: string) => string | undefined;
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
  const admission = admissionOf(session, world.templateOf);
  const ref = session.status?.templateRef;
  if (admission === undefined || ref === undefined) return undefined;
  const places = placesOf(world.quotas, countedOf(world, session, ref), world.nowMs);
  return { key: keyOf(session), amounts: amountsOf(admission), places, ends: session.status?.lifetime?.next };
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
  return {
    key: keyOf(session),
    createdAt: session.metadata.creationTimestamp ?? '',
    need: needOf(admissionOf(session, world.templateOf), reservesOf(template)),
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
  const holders: Holder[] = [];
  const line: Applicant[] = [];
  const look = (session: CountedSession): void => {
    const holder = holderOf(world, session);
    if (holder !== undefined) holders.push(holder);
    // Whoever was created later is not ahead.
    if (keyOf(session) === own || (session.metadata.creationTimestamp ?? '') > applicant.createdAt) return;
    if (!isWaiting(session, admissionOf(session, world.templateOf))) return;
    const template = templateFor(world, session);
    if (template !== undefined) line.push(applicantOf(world, { session, template }));
  };
  for (const session of world.sessions) if (keyOf(session) !== own) look(session);
  look(start.session);
  return { verdict: judge(inUse(holders), line, applicant), applicant, holders };
}
