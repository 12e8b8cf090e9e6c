// How checks are run, and what the smaller ones make of what they see.
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { insecure } from './address.ts';
import { type HealthCheck, runChecks, sortFindings } from './check.ts';
import { notReady, probeProblems } from './objects.ts';
import { controllerProblems } from './servers.ts';

const check = (run: HealthCheck['run'], part: HealthCheck['part'] = 'database'): HealthCheck => ({
  ...{ part, late: 'DatabaseUnavailable', run },
});
const elapsed = (): number => performance.now();

test('P-00-3 a check that hangs or fails is a finding, and keeps no other from its answer', async () => {
  const checked = await runChecks(
    [
      check(() => new Promise(() => undefined)),
      check(async () => {
        throw new StreamSpaceError('ClusterUnreachable', 'at https://10.0.0.1 nobody answers');
      }, 'cluster'),
      check(async () => {
        throw new TypeError('x is not a function');
      }, 'objects'),
      check(async () => [{ code: 'ControllerAway', message: 'nobody works' }], 'controller'),
    ],
    elapsed,
    20,
  );
  const findings = checked.flatMap(({ findings: found }) => found);
  expect(findings.map(({ part, code, severity }) => `${part} ${code} ${severity}`)).toEqual([
    'database DatabaseUnavailable error',
    'cluster ClusterUnreachable error',
    'objects Internal error',
    'controller ControllerAway error',
  ]);
  // Neither an inner address nor what a programmer reads is for a page.
  expect(JSON.stringify(findings)).not.toMatch(/10\.0\.0\.1|not a function/);
  expect(findings.every(({ remedy }) => remedy.length > 10)).toBe(true);
});

test('P-00-3 the gravest findings come first', async () => {
  const [checked] = await runChecks(
    [
      check(async () => [
        { code: 'VolumeSizeNotEnforced', message: 'a note' },
        { code: 'DatabaseSlow', message: 'a warning' },
        { code: 'SomethingOfACondition', message: 'an error' },
      ]),
    ],
    elapsed,
  );
  expect(sortFindings(checked?.findings ?? []).map(({ message }) => message)).toEqual(['an error', 'a warning', 'a note']);
});

test.for([
  ['never worked', undefined, ['ControllerAway']],
  ['works', { holderIdentity: 'a', renewTime: '2026-11-01T11:59:55.000000Z' }, []],
  ['was killed', { holderIdentity: 'a', renewTime: '2026-11-01T11:59:00.000000Z' }, ['ControllerAway']],
  ['was stopped', { holderIdentity: '', renewTime: '2026-11-01T11:59:55.000000Z' }, ['ControllerAway']],
  ['has a clock ahead of ours', { holderIdentity: 'a', renewTime: '2026-11-01T12:00:09.000000Z' }, ['ClockSkewed']],
] as const)('a controller that %s', ([, lease, codes]) => {
  expect(controllerProblems(lease, Date.parse('2026-11-01T12:00:00Z')).map(({ code }) => code)).toEqual(codes);
});

test.for([
  ['enforced', [], []],
  ['notEnforced', ['NetworkPolicyNotEnforced'], ['warning']],
  ['notKnown', ['NetworkPolicyNotKnown'], ['note']],
] as const)('a probe of the network that found: %s', async ([state, codes, severities]) => {
  const problems = probeProblems({ state, reason: 'a pod was reached', node: 'n1', checkedAt: '2026-11-01T12:00:00Z' });
  const [checked] = await runChecks([check(async () => problems, 'network')], elapsed);
  const findings = checked?.findings ?? [];
  expect(findings.map(({ code }) => code)).toEqual(codes);
  expect(findings.map(({ severity }) => severity)).toEqual(severities);
  expect(findings.every(({ message, remedy }) => /node n1, 2026-11-01/.test(message) && remedy.length > 20)).toBe(true);
});

test.for([
  ['https://desktops.example.com', false],
  ['http://localhost:8080', false],
  ['http://127.0.0.1:8080', false],
  ['http://[::1]:8080', false],
  ['http://desktops.example.com', true],
  // No address of the own machine, whatever it looks like.
  ['http://127.0.0.1.example.com', true],
] as const)('whether %s is told to be insecure: %s', ([url, isTold]) => {
  expect(insecure(url).length > 0).toBe(isTold);
});

test('objects that are not ready are named, and of many alike the first twenty', () => {
  const object = (name: string, status: 'True' | 'False' | 'Unknown') => ({
    ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'GitSync', metadata: { namespace: 'team-web', name } },
    status: {
      conditions: [
        { type: 'Ready', status, reason: 'GitUnreachable', message: 'no route', lastTransitionTime: '2026-11-01T12:00:00Z' },
      ],
    },
  });
  const link = ({ namespace, name }: { readonly namespace?: string; readonly name: string }) => `/sources/${namespace}/${name}`;
  expect(notReady('GitSync', [object('a', 'False'), object('b', 'True'), object('c', 'Unknown')], link)).toEqual([
    { code: 'GitUnreachable', message: 'GitSync team-web/a: no route', link: '/sources/team-web/a' },
  ]);
  const many = notReady(
    'GitSync',
    Array.from({ length: 25 }, (_, index) => object(`s${index}`, 'False')),
  );
  expect(many).toHaveLength(20);
  expect(many.at(-1)?.message).toContain('and 5 more');
});
