// What is left for somebody, and a refusal with a good message before anything is written. The controller decides: this is the same
// arithmetic on what the gateway watches, and may be a moment behind.
import type { z } from 'zod';
import type { quotaView } from '../../schemas/api/quota.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { LIMIT_NAMES, type LimitName } from '../../schemas/kinds/quota.ts';
import { teamNamespace } from '../../schemas/kinds/team.ts';
import { type Amounts, amountText, leftOf, NOTHING } from '../../schemas/quota/amounts.ts';
import type { CountedSession } from '../../schemas/quota/held.ts';
import { type InUse, inUse } from '../../schemas/quota/line.ts';
import { type Place, placesOf } from '../../schemas/quota/places.ts';
import { LIMIT_WORDS, refusalText } from '../../schemas/quota/words.ts';
import { holderOf, type Judged, judgeStart, type QuotaWorld } from '../../schemas/quota/world.ts';
import type { Feeds } from './feeds.ts';
import type { TemplateJson } from './kinds-json.ts';

export interface QuotaPorts {
  readonly feeds: { readonly [K in 'sessions' | 'quotas' | 'templates' | 'teams']: Pick<Feeds[K], 'objects'> };
  readonly now: () => Date;
}

/** Who would start what where. */
export interface Wish {
  readonly owner: string;
  readonly namespace: string;
  readonly template: TemplateJson;
  /** The session that is to resume; left out: a new one. */
  readonly session?: CountedSession | undefined;
}

export type QuotaView = z.infer<typeof quotaView>;

function worldOf({ feeds, now }: QuotaPorts): QuotaWorld {
  const teams = [...feeds.teams.objects.values()];
  return {
    sessions: feeds.sessions.objects.values(),
    quotas: [...feeds.quotas.objects.values()],
    templateOf: (place, name) => feeds.templates.objects.get(`${place}/${name}`),
    teamOf: (place) => teams.find((team) => (team.status?.namespace ?? teamNamespace(team)) === place)?.metadata.name,
    nowMs: now().getTime(),
  };
}

function judged(ports: QuotaPorts, { owner, namespace, template, session }: Wish): Judged {
  const { now } = ports;
  const world = worldOf(ports);
  const created = { name: '', namespace, creationTimestamp: now().toISOString() };
  const fresh: CountedSession = { metadata: created, spec: { owner, template: template.metadata.name, desiredState: 'Running' } };
  return judgeStart(world, { session: session ?? fresh, template });
}

/** @throws StreamSpaceError `QuotaExceeded`, with what is missing as facts */
export function requireRoom(ports: QuotaPorts, wish: Wish): void {
  const { verdict, applicant, holders } = judged(ports, wish);
  if (verdict.admitted) return;
  const shortages = verdict.why === 'short' ? verdict.shortages : [];
  const fields = shortages.map(({ limit, used, hard, need }) => ({
    path: limit,
    message: `${amountText(limit, used)} of ${amountText(limit, hard)} ${LIMIT_WORDS[limit]} in use, needs ${amountText(limit, need)}`,
  }));
  const message = refusalText(verdict, { key: applicant.key, namespace: wish.namespace }, holders);
  throw new StreamSpaceError('QuotaExceeded', message, { facts: { fields } });
}

/** The tightest of each limit that holds for this wish, and why it would be refused now. */
export function quotaLeft(ports: QuotaPorts, wish: Wish): QuotaView {
  const { verdict, applicant, holders } = judged(ports, wish);
  const limits = tightestOf(applicant.places, inUse(holders)).map((each) => ({
    ...each,
    needs: amountText(each.limit, applicant.need[each.limit]),
  }));
  const asking = { key: applicant.key, namespace: wish.namespace };
  return {
    limits,
    refusal: verdict.admitted ? null : { code: 'QuotaExceeded', message: refusalText(verdict, asking, holders) },
  };
}

/** What all of a team together has in use, and what is left to it. */
export function quotaOfTeam(ports: QuotaPorts, namespace: string): QuotaView {
  const world = worldOf(ports);
  const holders = [...world.sessions].map((session) => holderOf(world, session)).filter((holder) => holder !== undefined);
  const anybody = { namespace, team: world.teamOf(namespace), owner: '', template: '' };
  const places = placesOf(world.quotas, anybody, world.nowMs).filter(({ scope }) => scope === 'Team');
  return { limits: tightestOf(places, inUse(holders)).map((each) => ({ ...each, needs: '0' })), refusal: null };
}

function tightestOf(places: readonly Place[], used: InUse) {
  return LIMIT_NAMES.flatMap((limit) => {
    const tightest = places
      .map((place) => limitIn(place, limit, used.get(place.id) ?? NOTHING))
      .filter((each) => each !== undefined)
      .sort((left, right) => (left.left < right.left ? -1 : left.left > right.left ? 1 : 0))[0];
    if (tightest === undefined) return [];
    const { left, place, ...amounts } = tightest;
    return [{ limit, scope: place.scope, ...amounts, available: amountText(limit, left) }];
  });
}

function limitIn(place: Place, limit: LimitName, used: Amounts) {
  const hard = place.hard[limit];
  const left = leftOf(place.hard, used)[limit];
  if (hard === undefined || left === undefined) return undefined;
  return { place, left, used: amountText(limit, used[limit]), hard: amountText(limit, hard) };
}
