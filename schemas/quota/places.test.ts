import { describe, expect, test } from 'vitest';
import type { QuotaSpec } from '../kinds/quota.ts';
import { textsOf } from './amounts.ts';
import { type Counted, nextEndMs, placesOf } from './places.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');

function quota(namespace: string, name: string, spec: Partial<QuotaSpec> & Pick<QuotaSpec, 'scope'>) {
  return { metadata: { namespace, name }, spec: { limits: { cpu: '8' }, warnAt: [], ...spec } };
}

const SESSION: Counted = { namespace: 'team-web', team: 'web', owner: 'anna', template: 'streamspace/terminal' };

const told = (quotas: readonly ReturnType<typeof quota>[], counted: Counted = SESSION): readonly string[] =>
  placesOf(quotas, counted, NOW).map(({ quota: of, subject, hard }) => `${of} [${subject}] ${JSON.stringify(textsOf(hard))}`);

describe('P-04-4 a person in three teams', () => {
  const quotas = [
    quota('streamspace', 'all', { scope: 'Platform', limits: { cpu: '100' } }),
    quota('streamspace', 'teams', {
      scope: 'Team',
      limits: { cpu: '20' },
      overrides: [{ subject: { team: 'ops' }, limits: { cpu: '40' }, unlimited: [], reason: 'more people' }],
    }),
    quota('streamspace', 'people', { scope: 'Person', limits: { cpu: '8' } }),
    quota('streamspace', 'browsers', { scope: 'Template', templates: ['browser'], limits: { sessionsRunning: 5 } }),
    quota('team-web', 'own', { scope: 'Team', limits: { cpu: '10' } }),
    quota('team-web', 'each', { scope: 'Person', limits: { cpu: '4' } }),
    quota('team-ops', 'own', { scope: 'Template', limits: { sessionsRunning: 2 } }),
    quota('team-web', 'platform', { scope: 'Platform', limits: { cpu: '1' } }),
  ];
  const everywhere = 'streamspace/all [] {"cpu":"100"}';
  const person = 'streamspace/people [anna] {"cpu":"8"}';
  test.each([
    [
      'web',
      'terminal',
      [
        everywhere,
        'streamspace/teams [team-web] {"cpu":"20"}',
        person,
        'team-web/own [team-web] {"cpu":"10"}',
        'team-web/each [anna] {"cpu":"4"}',
      ],
    ],
    [
      'ops',
      'terminal',
      [
        everywhere,
        'streamspace/teams [team-ops] {"cpu":"40"}',
        person,
        'team-ops/own [streamspace/terminal] {"sessionsRunning":"2"}',
      ],
    ],
    [
      'data',
      'browser',
      [
        everywhere,
        'streamspace/teams [team-data] {"cpu":"20"}',
        person,
        'streamspace/browsers [streamspace/browser] {"sessionsRunning":"5"}',
      ],
    ],
  ])('in team %s a %s counts in that team, and for the person over all of them', (team, template, places) => {
    expect(told(quotas, { namespace: `team-${team}`, team, owner: 'anna', template: `streamspace/${template}` })).toEqual(places);
  });
});

test('an override holds until its end, limit by limit, and the first that has not ended counts', () => {
  const override = { subject: { user: 'anna' }, unlimited: [], reason: 'x' };
  const spec = (first: string): Partial<QuotaSpec> & Pick<QuotaSpec, 'scope'> => ({
    scope: 'Person',
    limits: { cpu: '8', memory: '1Gi', storage: '5Gi' },
    overrides: [
      { ...override, limits: { cpu: '16' }, unlimited: ['storage'], expiresAt: first },
      { ...override, limits: { cpu: '0' } },
    ],
  });
  expect(told([quota('streamspace', 'q', spec('2026-06-01T00:00:01Z'))])).toEqual([
    'streamspace/q [anna] {"cpu":"16","memory":"1Gi"}',
  ]);
  expect(told([quota('streamspace', 'q', spec('2026-06-01T00:00:00Z'))])).toEqual([
    'streamspace/q [anna] {"cpu":"0","memory":"1Gi","storage":"5Gi"}',
  ]);
  expect(told([quota('streamspace', 'q', spec('2026-06-01T00:00:01Z'))], { ...SESSION, owner: 'bert' })).toEqual([
    'streamspace/q [bert] {"cpu":"8","memory":"1Gi","storage":"5Gi"}',
  ]);
  expect(nextEndMs([quota('streamspace', 'q', spec('2026-06-01T00:00:01Z'))], NOW)).toBe(NOW + 1_000);
});

test('a quota of another team, or in a namespace of no team, limits nothing', () => {
  expect(told([quota('team-ops', 'q', { scope: 'Team' })])).toEqual([]);
  expect(told([quota('team-web', 'q', { scope: 'Team' })], { ...SESSION, team: undefined })).toEqual([]);
});

test('how long a session may run is told with the place, by an override where one holds', () => {
  const override = { subject: { user: 'anna' }, limits: {}, unlimited: [], reason: 'x', maxDuration: '12h' };
  const people = quota('streamspace', 'people', { scope: 'Person', maxDuration: '1h30m', overrides: [override] });
  const secondsOf = (owner: string): unknown => placesOf([people], { ...SESSION, owner }, NOW)[0]?.maxSeconds;
  expect([secondsOf('anna'), secondsOf('bert')]).toEqual([43_200, 5_400]);
});
