// Words of the page about quotas.
import type { LimitName, QuotaScope } from '../../../../schemas/kinds/quota.ts';

const limits: Readonly<Record<LimitName, string>> = {
  sessionsRunning: 'Running desktops',
  sessionsTotal: 'Sessions',
  cpu: 'CPU',
  memory: 'Memory',
  storage: 'Storage',
  gpu: 'GPUs',
  cpuHoursPerMonth: 'CPU hours this month',
};

const scopes: Readonly<Record<QuotaScope, string>> = {
  Platform: 'Everything together',
  Team: 'Each team',
  Person: 'Each person',
  Template: 'Each template',
};

export const quotas = {
  title: 'Quotas',
  lead: 'How much may be in use, by whom, and how much is left. Quotas that you may not read are not listed.',
  see: 'Quotas',
  failed: 'The quotas could not be loaded',
  forbidden: 'Quotas are for the members of a team, and for platform admins and auditors.',
  emptyTitle: 'No quota yet',
  emptyText: 'There is none that you may read. Without a quota nothing is limited.',
  emptyTextAdmin: 'Put a Quota into the repository that this platform is kept equal to; docs/guides/quotas.md shows one.',
  limits,
  scopes,
  ofTeam: (namespace: string) => `in ${namespace}`,
  everywhere: 'in all teams',
  templates: (names: readonly string[]) => `Only ${names.join(', ')}`,
  over: 'Over its limit: nothing is stopped, nothing new starts',
  near: 'Nearly full',
  ok: 'There is room',
  unreached: 'Limits nothing where it lies',
  longest: (duration: string) => `A session runs for ${duration} at a time`,
  columns: {
    subject: 'Who',
    limit: 'Limit',
    used: 'Used',
    left: 'Left',
    subjectOverride: 'Override for',
    until: 'Until',
    reason: 'Reason',
  },
  usedOf: (used: string, hard: string) => `${used} of ${hard}`,
  bar: (limit: string, subject: string) => `${limit} of ${subject}`,
  platform: 'The platform',
  more: (count: number) => (count === 1 ? 'and one more that is less full' : `and ${count} more that are less full`),
  nothingUsed: 'Nothing that it counts is in use.',
  overrides: 'Overrides',
  unlimited: 'no limit',
  noEnd: 'No end',
  ended: 'over',
  origin: 'Where to change it',
};
