// What the constructs write, and what they say about a mistake.
import { App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod';
import type { gitSyncSpec } from '../schemas/kinds/git-sync/git-sync-spec.ts';
import type { dlpPolicySpec } from '../schemas/kinds/policies/dlp-policy.ts';
import type { networkProfileSpec } from '../schemas/kinds/policies/network-profile.ts';
import type { recordingPolicySpec } from '../schemas/kinds/policies/recording-policy.ts';
import type { sessionPolicySpec } from '../schemas/kinds/policies/session-policy.ts';
import type { quotaSpec } from '../schemas/kinds/quota.ts';
import type { signInPolicySpec } from '../schemas/kinds/sign-in/sign-in-policy.ts';
import type { teamSpec } from '../schemas/kinds/team.ts';
import type { templateSpec } from '../schemas/kinds/template.ts';
import {
  AccessBinding,
  AccessRole,
  DlpPolicy,
  type DlpPolicyFields,
  type DlpPolicyProps,
  GitSync,
  type GitSyncFields,
  type GitSyncProps,
  IdentityProvider,
  NetworkProfile,
  type NetworkProfileFields,
  type NetworkProfileProps,
  Quota,
  type QuotaFields,
  type QuotaProps,
  RecordingPolicy,
  type RecordingPolicyFields,
  type RecordingPolicyProps,
  SessionPolicy,
  type SessionPolicyFields,
  type SessionPolicyProps,
  type SignInPolicyFields,
  Team,
  type TeamFields,
  type TeamProps,
  Template,
  type TemplateFields,
  type TemplateProps,
} from './index.ts';

const GITHUB_APP = { clientId: 'Iv1', clientSecretRef: { name: 'github', key: 'secret' } };

/** The objects of one chart after the app's validation. @throws what synthesis says */
function synth(add: (chart: Chart) => void): readonly unknown[] {
  const chart = new Chart(new App(), 'desktops', { namespace: 'streamspace' });
  add(chart);
  return App._synthChart(chart);
}

const TERMINAL: TemplateProps = { displayName: 'Terminal', image: 'localhost/terminal:1' };

describe('what is written', () => {
  test('a template is named after its construct, in the namespace of its chart, with the fields that were given and no other', () => {
    expect(synth((chart) => new Template(chart, 'terminal', TERMINAL))).toEqual([
      {
        apiVersion: 'streamspace.io/v1alpha1',
        kind: 'Template',
        metadata: { name: 'terminal', namespace: 'streamspace' },
        spec: { displayName: 'Terminal', image: 'localhost/terminal:1' },
      },
    ]);
  });

  test('sizes and durations are written as Kubernetes reads them', () => {
    const [template, sync, never] = synth((chart) => {
      new Template(chart, 'a', { ...TERMINAL, resources: { memory: Size.mebibytes(256) }, home: { size: '5Gi' } });
      new GitSync(chart, 'b', { url: 'https://git.example.com/a.git', interval: Duration.minutes(90), timeout: '45s' });
      new GitSync(chart, 'c', { url: 'https://git.example.com/a.git', timeout: Duration.seconds(0) });
    });
    expect(template).toMatchObject({ spec: { resources: { memory: '256Mi' }, home: { size: '5Gi' } } });
    expect(sync).toMatchObject({ spec: { interval: '1h30m', timeout: '45s' } });
    expect(never).toMatchObject({ spec: { timeout: '0s' } });
  });

  test('metadata names, labels and places the object', () => {
    const [object] = synth(
      (chart) => new Template(chart, 'a', { ...TERMINAL, metadata: { name: 'b', namespace: 'team-web', labels: { tier: 'x' } } }),
    );
    expect(object).toMatchObject({ metadata: { name: 'b', namespace: 'team-web', labels: { tier: 'x' } } });
  });

  test('a team has no namespace, whatever the chart says, and can still be patched', () => {
    const [team] = synth((chart) => {
      const { apiObject } = new Team(chart, 'web', { displayName: 'Web' });
      apiObject.addJsonPatch(JsonPatch.add('/metadata/annotations', { note: 'kept' }));
    });
    expect(team).toEqual({
      apiVersion: 'streamspace.io/v1alpha1',
      kind: 'Team',
      metadata: { name: 'web', annotations: { note: 'kept' } },
      spec: { displayName: 'Web' },
    });
  });

  test('a policy says what was given and limits nothing else', () => {
    const clipboard = { down: false, rules: [{ name: 'falcon', pattern: '(?i)project[ -]falcon', action: 'Block' }] } as const;
    expect(
      synth((chart) => new DlpPolicy(chart, 'baseline', { clipboard, targets: { templates: ['team-web/terminal'] } })),
    ).toEqual([
      {
        apiVersion: 'streamspace.io/v1alpha1',
        kind: 'DlpPolicy',
        metadata: { name: 'baseline', namespace: 'streamspace' },
        spec: { clipboard, targets: { templates: ['team-web/terminal'] } },
      },
    ]);
  });

  test('a recording policy says what was given and no default of ours', () => {
    const windows = [{ schedule: '0 7 * * MON-FRI', duration: Duration.hours(12) }];
    expect(synth((chart) => new RecordingPolicy(chart, 'day', { record: 'Always', windows, retentionDays: 90 }))).toEqual([
      {
        apiVersion: 'streamspace.io/v1alpha1',
        kind: 'RecordingPolicy',
        metadata: { name: 'day', namespace: 'streamspace' },
        spec: { record: 'Always', windows: [{ schedule: '0 7 * * MON-FRI', duration: '12h' }], retentionDays: 90 },
      },
    ]);
  });

  test('a policy of sharing takes a duration with its unit', () => {
    const [made] = synth(
      (chart) => new SessionPolicy(chart, 'sharing', { sharing: { allow: 'Team', maxTTL: Duration.hours(8) } }),
    );
    expect(made).toMatchObject({ kind: 'SessionPolicy', spec: { sharing: { allow: 'Team', maxTTL: '8h' } } });
  });

  test('a quota takes sizes with their unit, and an override for a person only where people are counted', () => {
    const limits = { sessionsRunning: 3, memory: Size.gibibytes(16) };
    const [made] = synth((chart) => new Quota(chart, 'people', { scope: 'Person', limits }));
    expect(made).toMatchObject({ kind: 'Quota', spec: { scope: 'Person', limits: { sessionsRunning: 3, memory: '16Gi' } } });
    const overrides = [{ subject: { user: 'anna' }, limits: {}, reason: 'x' }];
    expect(() => synth((chart) => new Quota(chart, 'teams', { scope: 'Team', limits, overrides }))).toThrow(
      /an override is for a user/,
    );
  });

  test('a role belongs to the whole cluster, a binding to the namespace of its chart', () => {
    const rules = [{ resources: ['sessions'], verbs: ['control'] }] as const;
    const given = { subject: { user: 'guest' }, roleRef: 'trainer', scope: { team: 'web' }, reason: 'a course' };
    const [role, binding] = synth((chart) => {
      new AccessRole(chart, 'trainer', { inherits: ['viewer'], rules, assignableAt: ['Team'] });
      new AccessBinding(chart, 'course', given);
    });
    expect(role).toMatchObject({ kind: 'AccessRole', metadata: { name: 'trainer' }, spec: { inherits: ['viewer'], rules } });
    expect(role).not.toHaveProperty('metadata.namespace');
    expect(binding).toMatchObject({ kind: 'AccessBinding', metadata: { name: 'course', namespace: 'streamspace' }, spec: given });
  });

  test('a network profile is refused where an entry of it is no block, or names two targets', () => {
    const list = (entry: object) => (chart: Chart) =>
      new NetworkProfile(chart, 'a', { egress: { mode: 'AllowList', allow: [entry] } });
    expect(synth(list({ cidr: '2001:db8::/32' }))).toMatchObject([{ kind: 'NetworkProfile' }]);
    expect(() => synth(list({ cidr: '10.0.0.1/8' }))).toThrow(/allow\[0\]\.cidr: write a block/);
    expect(() => synth(list({ cidr: '10.0.0.0/8', namespace: 'a' }))).toThrow(/give exactly one of cidr and namespace/);
  });

  test('the same input gives the same bytes', () => {
    const once = (): string => JSON.stringify(synth((chart) => new Template(chart, 'a', { ...TERMINAL, tags: ['x', 'y'] })));
    expect(once()).toBe(once());
  });
});

describe('what is refused', () => {
  const mistakes: readonly (readonly [string, (chart: Chart) => void, RegExp])[] = [
    [
      'a port out of range',
      (chart) => new Template(chart, 'a', { ...TERMINAL, desktop: { port: 80 } }),
      /\[desktops\/a\] desktop\.port: write a number of at least 1024/,
    ],
    [
      'an amount without its unit in Kubernetes',
      (chart) => new Template(chart, 'a', { ...TERMINAL, resources: { memory: '1 GB' } }),
      /\[desktops\/a\] resources\.memory: write a quantity such as 500m, 2 or 2Gi/,
    ],
    [
      'a duration below a second',
      (chart) => new GitSync(chart, 'a', { url: 'https://x.example', interval: Duration.millis(1) }),
      /\[desktops\/a\] .*1 millis.*/,
    ],
    [
      'a poll without a pause',
      (chart) => new GitSync(chart, 'a', { url: 'https://x.example', interval: '0s' }),
      /interval: write at least 1s/,
    ],
    [
      'a URL with a password in it',
      (chart) => new GitSync(chart, 'a', { url: 'https://me:secret@x.example' }),
      /\[desktops\/a\] url: write an http, https or ssh URL without a password/,
    ],
    [
      'two refs at once',
      (chart) => new GitSync(chart, 'a', { url: 'https://x.example', ref: { branch: 'main', tag: 'v1' } }),
      /ref: give exactly one of branch, tag, semver and commit/,
    ],
    [
      'a member who is user and group',
      (chart) => new Team(chart, 'web', { displayName: 'Web', members: [{ user: 'a', group: 'b', role: 'admin' }] }),
      /\[desktops\/web\] members\[0\]: give exactly one of user and group/,
    ],
    [
      'two machines of one name',
      (chart) =>
        new Team(chart, 'web', {
          displayName: 'Web',
          machines: [
            { name: 'ci', role: 'member' },
            { name: 'ci', role: 'viewer' },
          ],
        }),
      /\[desktops\/web\] machines: give each machine another name/,
    ],
    [
      'a namespace of the system',
      (chart) => new Team(chart, 'web', { displayName: 'Web', namespace: 'kube-system' }),
      /namespace: choose a namespace of its own/,
    ],
    [
      'a pattern that only a backtracking engine reads',
      (chart) =>
        new DlpPolicy(chart, 'a', {
          clipboard: { rules: [{ name: 'twice', pattern: '(a+)\\1', action: 'Block' }] },
        }),
      /\[desktops\/a\] clipboard\.rules\[0\]\.pattern: write a regular expression of RE2/,
    ],
    [
      'a rule that looks for nothing',
      (chart) => new DlpPolicy(chart, 'a', { clipboard: { rules: [{ name: 'none', action: 'Block' }] } }),
      /clipboard\.rules\[0\]: give exactly one of detector and pattern/,
    ],
    [
      'more bytes than a message may have',
      (chart) => new DlpPolicy(chart, 'a', { clipboard: { maxBytes: 1_000_000 } }),
      /clipboard\.maxBytes: write a number of at most 262144/,
    ],
    [
      'windows where nothing is recorded always',
      (chart) => new RecordingPolicy(chart, 'a', { windows: [{ schedule: '0 7 * * *', duration: '1h' }] }),
      /\[desktops\/a\] windows: windows say when `record: Always` holds/,
    ],
    [
      'a step of sharing that there is not',
      (chart) => Reflect.construct(SessionPolicy, [chart, 'a', { sharing: { allow: 'Everybody' } }]),
      /sharing\.allow: write one of None, People, Team, Link/,
    ],
    [
      'a GitHub where nobody may sign in',
      (chart) => new IdentityProvider(chart, 'a', { type: 'GitHub', displayName: 'GitHub', github: GITHUB_APP }),
      /github: name the organizations whose members may sign in, or write anybody: true/,
    ],
    [
      'claims of a provider that has none',
      (chart) =>
        new IdentityProvider(chart, 'a', {
          ...{ type: 'GitHub', displayName: 'GitHub', claimMappings: { username: 'login' } },
          github: { ...GITHUB_APP, organizations: [{ name: 'acme' }] },
        }),
      /claimMappings goes with type OIDC, LDAP or SAML/,
    ],
    ['a name with capitals', (chart) => new Template(chart, 'Terminal', TERMINAL), /metadata\.name: "Terminal" is no name/],
  ];
  test.each(mistakes)('%s', (_what, add, words) => {
    expect(() => synth(add)).toThrow(words);
  });

  // Rendering strips types, so what an editor would have marked arrives here.
  test('what types forbid is named too: a missing field, an unknown one, a wrong word', () => {
    const given = { image: 'x', icon: 'rocket', home: { sise: '1Gi' }, env: [{ name: 'A', value: 1 }] };
    const add = (chart: Chart): unknown => Reflect.construct(Template, [chart, 'a', given]);
    expect(() => synth(add)).toThrow(/displayName: is missing: give a string/);
    expect(() => synth(add)).toThrow(/icon: write one of terminal, browser/);
    expect(() => synth(add)).toThrow(/env\[0\]\.value: write a value of type string/);
    const unknown = (chart: Chart): unknown =>
      Reflect.construct(Template, [
        chart,
        'a',
        { ...TERMINAL, home: { sise: '1Gi' }, env: [{ name: 'A', value: '1', secret: 'x' }] },
      ]);
    expect(() => synth(unknown)).toThrow(/home\.sise: no such field.*env\[0\]\.secret: no such field/s);
  });
});

describe('types', () => {
  test('props admit all that the schema admits', () => {
    expectTypeOf<z.input<typeof templateSpec>>().toExtend<TemplateFields>();
    expectTypeOf<z.input<typeof teamSpec>>().toExtend<TeamFields>();
    expectTypeOf<z.input<typeof gitSyncSpec>>().toExtend<GitSyncFields>();
    expectTypeOf<z.input<typeof dlpPolicySpec>>().toExtend<DlpPolicyFields>();
    expectTypeOf<z.input<typeof recordingPolicySpec>>().toExtend<RecordingPolicyFields>();
    expectTypeOf<z.input<typeof sessionPolicySpec>>().toExtend<SessionPolicyFields>();
    expectTypeOf<z.input<typeof signInPolicySpec>>().toExtend<SignInPolicyFields>();
    expectTypeOf<z.input<typeof quotaSpec>>().toExtend<QuotaFields>();
    expectTypeOf<z.input<typeof networkProfileSpec>>().toExtend<NetworkProfileFields>();
  });
  test('props have the fields of the schema and metadata, no others', () => {
    expectTypeOf<keyof TemplateProps>().toEqualTypeOf<keyof z.input<typeof templateSpec> | 'metadata'>();
    expectTypeOf<keyof TeamProps>().toEqualTypeOf<keyof z.input<typeof teamSpec> | 'metadata'>();
    expectTypeOf<keyof RecordingPolicyProps>().toEqualTypeOf<keyof z.input<typeof recordingPolicySpec> | 'metadata'>();
    expectTypeOf<keyof DlpPolicyProps>().toEqualTypeOf<keyof z.input<typeof dlpPolicySpec> | 'metadata'>();
    expectTypeOf<keyof SessionPolicyProps>().toEqualTypeOf<keyof z.input<typeof sessionPolicySpec> | 'metadata'>();
    expectTypeOf<keyof QuotaProps>().toEqualTypeOf<keyof z.input<typeof quotaSpec> | 'metadata'>();
    expectTypeOf<keyof NetworkProfileProps>().toEqualTypeOf<keyof z.input<typeof networkProfileSpec> | 'metadata'>();
    expectTypeOf<keyof GitSyncProps>().toEqualTypeOf<keyof z.input<typeof gitSyncSpec> | 'metadata'>();
  });
  test('amounts may carry their unit', () => {
    expectTypeOf<Size>().toExtend<NonNullable<TemplateProps['home']>['size']>();
    expectTypeOf<Duration>().toExtend<GitSyncProps['interval']>();
  });
});
