import { expect, test } from 'vitest';
import { clipboardOff, contentRuleText, type EffectivePolicyView, ruleRows } from './session-rules.ts';

const policy: EffectivePolicyView = {
  hash: 'a'.repeat(64),
  policies: [
    { kind: 'DlpPolicy', namespace: 'streamspace', name: 'base', uid: 'u', generation: 2, revision: '0123456789abcdef' },
    { kind: 'DlpPolicy', namespace: 'team-web', name: 'strict', uid: 'v', generation: 1 },
  ],
  dlp: {
    clipboard: {
      up: true,
      down: false,
      maxBytes: 10_000,
      formats: ['text'],
      windowSeconds: 0,
      rules: [
        { policy: 'streamspace/base', name: 'cards', detector: 'CardNumber', action: 'Redact', direction: 'Both' },
        { policy: 'team-web/strict', name: 'falcon', pattern: '(?i)falcon', action: 'Block', direction: 'Down' },
      ],
    },
    files: {
      ...{ up: true, down: false, maxBytes: 1_000_000, scan: 'Required', allowTypes: ['image/*', 'text/plain'] },
      denyTypes: [{ policy: 'streamspace/base', type: 'image/svg+xml' }],
    },
  },
  origins: [
    { field: 'files.down', from: 'DlpPolicy/streamspace/base' },
    { field: 'files.scan', from: 'DlpPolicy/streamspace/base' },
    { field: 'clipboard.down', from: 'DlpPolicy/team-web/strict' },
    { field: 'clipboard.maxBytes', from: 'DlpPolicy/streamspace/base' },
    { field: 'clipboard.formats', from: 'DlpPolicy/streamspace/base' },
  ],
};

test('every field is told, limited or not, with the policy that limits it', () => {
  expect(ruleRows(policy).map(({ field, value, from }) => [field, value, from])).toEqual([
    ['clipboard.up', 'Allowed', null],
    ['clipboard.down', 'Not allowed', 'DlpPolicy/team-web/strict'],
    ['clipboard.maxBytes', '10,000 bytes', 'DlpPolicy/streamspace/base'],
    ['clipboard.perMinute', 'Not limited', null],
    ['clipboard.formats', 'text', 'DlpPolicy/streamspace/base'],
    ['clipboard.windowSeconds', 'Each clipboard alone', null],
    ['files.up', 'Allowed', null],
    ['files.down', 'Not allowed', 'DlpPolicy/streamspace/base'],
    ['files.maxBytes', '1,000,000 bytes', null],
    ['files.perMinute', 'Not limited', null],
    ['files.allowTypes', 'image/*, text/plain', null],
    ['files.scan', 'Every file', 'DlpPolicy/streamspace/base'],
    ['keysPerSecond', 'Not limited', null],
    ['watermark', 'None', null],
    ['region', 'The whole screen', null],
    ['console.allow', 'Not allowed', null],
  ]);
});

test('a content rule says what it looks for, what happens, and in which direction', () => {
  expect(policy.dlp.clipboard.rules.map(contentRuleText)).toEqual([
    'Card numbers: blacked out',
    '/(?i)falcon/: stopped, out of the desktop',
  ]);
});

test('a direction that is off names the policy; one that is on, and rules that are not known yet, say nothing', () => {
  expect(clipboardOff(policy, 'down')).toBe('Copying out of this desktop is off: policy team-web/strict.');
  expect(clipboardOff(policy, 'up')).toBeNull();
  expect(clipboardOff(undefined, 'up')).toBeNull();
});

test('P-15-1 a console that is allowed is told with its timeout', () => {
  const origins = [{ field: 'console.allow', from: 'SessionPolicy/team-web/a' }];
  const rows = ruleRows({ ...policy, console: { allow: true, idleTimeout: '10m' }, origins });
  expect(rows.filter(({ field }) => field.startsWith('console.')).map(({ field, value, from }) => [field, value, from])).toEqual([
    ['console.allow', 'Allowed', 'SessionPolicy/team-web/a'],
    ['console.idleTimeout', '10m', null],
  ]);
});

test('sharing and screens are told where a policy speaks of them, each with its origin', () => {
  const sharing: NonNullable<EffectivePolicyView['sharing']> = {
    ...{ allow: 'People', by: 'Admins', modes: ['View'], maxTTL: '8h', guests: false, requireApproval: true },
  };
  const origins = [{ field: 'sharing.allow', from: 'SessionPolicy/team-web/a' }];
  const rows = ruleRows({ ...policy, sharing, displays: { max: 2 }, origins }).filter(({ field }) =>
    /^(sharing|displays)\./.test(field),
  );
  expect(rows.map(({ field, value, from }) => [field, value, from])).toEqual([
    ['sharing.allow', 'With named people', 'SessionPolicy/team-web/a'],
    ['sharing.by', 'Admins only', null],
    ['sharing.modes', 'look on', null],
    ['sharing.maxTTL', '8h', null],
    ['sharing.maxViewers', 'Not limited', null],
    ['sharing.guests', 'Not allowed', null],
    ['sharing.requireApproval', 'When somebody lets them in', null],
    ['displays.max', '2', null],
  ]);
});
