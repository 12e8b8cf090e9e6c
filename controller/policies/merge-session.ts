// Several SessionPolicies as one: the most restrictive wins, field by field. Pure; the order of the policies makes no difference.

import { durationMs } from '../../schemas/kinds/kind.ts';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { SessionPolicy } from '../../schemas/kinds/policies/session-policy.ts';
import {
  CLOSED_CONSOLE,
  type MergedConsole,
  type MergedDisplays,
  type MergedSharing,
  OPEN_SHARING,
  type SessionRules,
  type ShareAllow,
  type ShareBy,
  type ShareMode,
  shareAllow,
  shareMode,
} from '../../schemas/kinds/policies/session-rules.ts';
import { AND, compare, intersectionOf, type Merging, MIN, OR } from './merging.ts';

type Limits = Pick<EffectivePolicy, 'sharing' | 'displays' | 'console'>;

export interface MergedSession extends Limits {
  /** Of every field that is limited, in the order of the table. */
  readonly origins: EffectivePolicy['origins'];
}

const LOWEST: Merging<ShareAllow> = byRank((allow) => shareAllow.options.indexOf(allow));
const ADMINS: Merging<ShareBy> = byRank((by) => (by === 'Admins' ? 0 : 1));
const SHORTEST: Merging<string> = byRank(durationMs);
const MODES: Merging<ShareMode[]> = intersectionOf(shareMode.options);

function byRank<T>(measure: (value: T) => number): Merging<T> {
  return { combine: (a, b) => (measure(b) < measure(a) ? b : a), measure };
}

/** How each field is merged, as the guide shows it. */
export const SESSION_MERGE = {
  'sharing.allow': { how: 'lowest', ...LOWEST, of: ({ sharing }: SessionRules) => sharing?.allow },
  'sharing.by': { how: 'admins', ...ADMINS, of: ({ sharing }: SessionRules) => sharing?.by },
  'sharing.modes': { how: 'intersection', ...MODES, of: ({ sharing }: SessionRules) => sharing?.modes },
  'sharing.maxTTL': { how: 'min', ...SHORTEST, of: ({ sharing }: SessionRules) => sharing?.maxTTL },
  'sharing.maxViewers': { how: 'min', ...MIN, of: ({ sharing }: SessionRules) => sharing?.maxViewers },
  'sharing.guests': { how: 'and', ...AND, of: ({ sharing }: SessionRules) => sharing?.guests },
  'sharing.requireApproval': { how: 'or', ...OR, of: ({ sharing }: SessionRules) => sharing?.requireApproval },
  'displays.max': { how: 'min', ...MIN, of: ({ displays }: SessionRules) => displays?.max },
  'displays.maxPixels': { how: 'min', ...MIN, of: ({ displays }: SessionRules) => displays?.maxPixels },
  'console.allow': { how: 'and', ...AND, of: (rules: SessionRules) => rules.console?.allow },
  'console.idleTimeout': { how: 'min', ...SHORTEST, of: (rules: SessionRules) => rules.console?.idleTimeout },
} as const;

interface Limit<T> extends Merging<T> {
  readonly of: (rules: SessionRules) => T | undefined;
}

/** @param policies those that apply to one session. None: nothing is said. */
export function mergeSessionPolicies(policies: readonly SessionPolicy[]): MergedSession {
  if (policies.length === 0) return { origins: [] };
  const sorted = policies
    .map(({ metadata: { namespace = '', name }, spec }) => ({ name: `${namespace}/${name}`, spec }))
    .toSorted((a, b) => compare(a.name, b.name));
  const origins: EffectivePolicy['origins'] = [];

  /** @param open what leaves the field as it would be without a policy */
  function least<T>(field: keyof typeof SESSION_MERGE, { of, combine, measure }: Limit<T>, open?: T): T | undefined {
    const given = sorted.flatMap(({ name, spec }) => {
      const value = of(spec);
      return value === undefined ? [] : [{ name, value, measure: measure(value) }];
    });
    const lowest = Math.min(...given.map((each) => each.measure));
    const origin = given.find((each) => each.measure === lowest);
    if (origin !== undefined && (open === undefined || lowest !== measure(open)))
      origins.push({ field, from: `SessionPolicy/${origin.name}` });
    return given.map(({ value }) => value).reduce<T | undefined>((a, b) => (a === undefined ? b : combine(a, b)), undefined);
  }

  const merge = SESSION_MERGE;
  const open = OPEN_SHARING;
  const allow = least('sharing.allow', merge['sharing.allow'], open.allow) ?? open.allow;
  const by = least('sharing.by', merge['sharing.by'], open.by) ?? open.by;
  const modes = least('sharing.modes', { ...merge['sharing.modes'] }, open.modes) ?? open.modes;
  const maxTTL = least('sharing.maxTTL', merge['sharing.maxTTL']);
  const maxViewers = least('sharing.maxViewers', merge['sharing.maxViewers']);
  // Told in both ways: that strangers may come in is as much news as that they may not.
  const guests = least('sharing.guests', merge['sharing.guests']) ?? open.guests;
  const requireApproval = least('sharing.requireApproval', merge['sharing.requireApproval'], false) ?? false;
  const max = least('displays.max', merge['displays.max']);
  const maxPixels = least('displays.maxPixels', merge['displays.maxPixels']);
  const sharing: MergedSharing = {
    ...{ allow, by, modes: shareMode.options.filter((mode) => modes.includes(mode)), guests, requireApproval },
    ...(maxTTL === undefined ? {} : { maxTTL }),
    ...(maxViewers === undefined ? {} : { maxViewers }),
  };
  const displays: MergedDisplays = {
    ...(max === undefined ? {} : { max }),
    ...(maxPixels === undefined ? {} : { maxPixels }),
  };
  // Told in both ways, as guests are.
  const allowConsole = least('console.allow', merge['console.allow']);
  const idleTimeout = least('console.idleTimeout', merge['console.idleTimeout']);
  const shell: MergedConsole = {
    allow: allowConsole ?? CLOSED_CONSOLE.allow,
    idleTimeout: idleTimeout ?? CLOSED_CONSOLE.idleTimeout,
  };
  const consoleSaid = allowConsole !== undefined || idleTimeout !== undefined;
  return {
    sharing,
    ...(consoleSaid ? { console: shell } : {}),
    ...(Object.keys(displays).length === 0 ? {} : { displays }),
    origins,
  };
}
