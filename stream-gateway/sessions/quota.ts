// What is left for somebody, and a refusal with a good message before anything is written. The controller decides: this is the same
// arithmetic on what the gateway watches, and may be a moment behind.
import type { z } from 'zod';
import type { quotaView } from '../../schemas/api/quota.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { LIMIT_NAMES, type LimitName } from '../../schemas/kinds/quota.ts';
import { teamNamespace } from '../../schemas/kinds/team.ts';
import { type Amounts, amountText, leftOf, NOTHING } from '../../schemas/quota/amounts.ts';
import type { CountedSession } from '../../schemas/quota/held.ts';
import { monthOf } from '../../schemas/quota/hours.ts';
import { ledgerOf } from '../../schemas/quota/ledger.ts';
import { type InUse, inUse } from '../../schemas/quota/line.ts';
import { type Place, placesOf } from '../../schemas/quota/places.ts';
import { LIMIT_WORDS, refusalText } from '../../schemas/quota/words.ts';
import { holdersIn, type Judged, judgeStart, type QuotaWorld } from '../../schemas/quota/world.ts';
import type { Feeds } from './feeds.ts';
import type { TemplateJson } from './kinds-json.ts';

export interface QuotaPorts {
  readonly feeds: { readonly [K in 'sessions' | 'quotas' | 'usage' | 'templates' | 'teams']: Pick<Feeds[K], 'objects'> };
  readonly now: () => Date;
}

/** Who would start what where. */
export interface Wish {
  readonly owner: string;
  readonly namespace: string;
  /** Left out: any, of which nothing is known. */
  readonly template?: TemplateJson | undefined;
  /** The session that is to resume; left out: a new one. */
  readonly session?: CountedSession | undefined;
}

export type QuotaView = z.infer<typeof quotaView>;

export function worldOf({ feeds, now }: QuotaPorts): QuotaWorld {
  const nowMs = now().getTime();
  const teams = [...feeds.teams.objects.values()];
  const teamIn = (place: string) => teams.find((team) => (team.status?.namespace ?? teamNamespace(team)) === place);
  return {
    sessions: feeds.sessions.objects.values(),
    quotas: [...feeds.quotas.objects.values()],
    templateOf: (place, name) => feeds.templates.objects.get(`${place}/${name}`),
    teamOf: (place) => teamIn(place)?.metadata.name,
    priorityOfTeam: (place) => teamIn(place)?.spec.priority,
    ledger: ledgerOf(feeds.usage.objects.values(), monthOf(nowMs)),
    nowMs,
  };
}

/** With a template, and when that is. */
type WholeWish = Wish & { readonly template: TemplateJson };

function judged(ports: QuotaPorts, { owner, namespace, template, session }: WholeWish): Judged & { readonly nowMs: number } {
  const { now } = ports;
  const world = worldOf(ports);
  const created = { name: '', namespace, creationTimestamp: now().toISOString() };
  const fresh: CountedSession = { metadata: created, spec: { owner, template: template.metadata.name, desiredState: 'Running' } };
  return { ...judgeStart(world, { session: session ?? fresh, template }), nowMs: world.nowMs };
}

/** @throws StreamSpaceError `QuotaExceeded`, with what is missing as facts */
export function requireRoom(ports: QuotaPorts, wish: WholeWish): void {
  const { verdict, applicant, holders, nowMs } = judged(ports, wish);
  if (verdict.admitted) return;
  const shortages = verdict.why === 'short' ? verdict.shortages : [];
  const fields = shortages.map(({ limit, used, hard, need }) => ({
    path: limit,
    message: `${amountText(limit, used)} of ${amountText(limit, hard)} ${LIMIT_WORDS[limit]} ${limit === 'cpuHoursPerMonth' ? 'used' : `in use, needs ${amountText(limit, need)}`}`,
  }));
  const message = refusalText(verdict, { key: applicant.key, namespace: wish.namespace, nowMs }, holders);
  throw new StreamSpaceError('QuotaExceeded', message, { facts: { fields } });
}

/** The tightest of each limit that holds for this wish, and why it would be refused now. */
export function quotaLeft(ports: QuotaPorts, wish: Wish): QuotaView {
  const { template } = wish;
  if (template === undefined) return leftIn(ports, wish.namespace, { owner: wish.owner, template: '' }, () => true);
  const { verdict, applicant, holders, nowMs } = judged(ports, { ...wish, template });
  const limits = tightestOf(applicant.places, inUse(holders)).map((each) => ({
    ...each,
    needs: amountText(each.limit, applicant.need[each.limit]),
  }));
  const asking = { key: applicant.key, namespace: wish.namespace, nowMs };
  return {
    limits,
    maxSeconds: shortestOf(applicant.places),
    refusal: verdict.admitted ? null : { code: 'QuotaExceeded', message: refusalText(verdict, asking, holders) },
  };
}

/** What all of a team together has in use, and what is left to it. */
export function quotaOfTeam(ports: QuotaPorts, namespace: string): QuotaView {
  return leftIn(ports, namespace, { owner: '', template: '' }, ({ scope }) => scope === 'Team');
}

/** Nothing is to be started. */
function leftIn(
  ports: QuotaPorts,
  namespace: string,
  of: { readonly owner: string; readonly template: string },
  shown: (place: Place) => boolean,
): QuotaView {
  const world = worldOf(ports);
  const places = placesOf(world.quotas, { ...of, namespace, team: world.teamOf(namespace) }, world.nowMs).filter(
    (place) => place.scope !== 'Template' && shown(place),
  );
  const limits = tightestOf(places, inUse(holdersIn(world))).map((each) => ({ ...each, needs: '0' }));
  return { limits, maxSeconds: shortestOf(places), refusal: null };
}

function shortestOf(places: readonly Place[]): number | null {
  const all = places.map(({ maxSeconds }) => maxSeconds).filter((each) => each !== undefined);
  return all.length === 0 ? null : Math.min(...all);
}

function tightestOf(places: readonly Place[], used: InUse) {
  return LIMIT_NAMES.flatMap((limit) => {
    const tightest = places
      .map((place) => limitIn(place, limit, used.get(place.id) ?? NOTHING))
      .filter((each) => each !== undefined)
      .sort((left, right) => (left.left < right.left ? -1 : left.left > right.left ? 1 : 0))[0];
    if (tightest === undefined) return [];
    const { left, place, ...amounts } = tightest;
    return [{ limit, scope: place.scope, quota: place.quota, ...amounts, available: amountText(limit, left) }];
  });
}

function limitIn(place: Place, limit: LimitName, used: Amounts) {
  const hard = place.hard[limit];
  const left = leftOf(place.hard, used)[limit];
  if (hard === undefined || left === undefined) return undefined;
  return { place, left, used: amountText(limit, used[limit]), hard: amountText(limit, hard) };
}
