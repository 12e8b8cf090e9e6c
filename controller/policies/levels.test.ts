// Policies of every level at once: for the platform, a team, a template and a single session.
import { expect, test } from 'vitest';
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import type { DlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { PolicyTargets } from '../../schemas/kinds/policies/policy.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { templateSpec } from '../../schemas/kinds/template.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { effectivePolicyOf } from './effective-policy.ts';
import { policy } from './fixtures.ts';
import { TargetExpressions } from './target-expressions.ts';
import { appliesTo, type Scene } from './targets.ts';

const session: Session = {
  apiVersion: API_GROUP_VERSION,
  kind: 'Session',
  metadata: { name: 'one', namespace: 'team-web' },
  spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
};
const scene: Scene = {
  session,
  team: 'web',
  templateNames: [{ namespace: 'streamspace', name: 'terminal' }],
  templates: [
    {
      apiVersion: API_GROUP_VERSION,
      kind: 'Template',
      metadata: { namespace: 'streamspace', name: 'terminal' },
      spec: templateSpec.parse({ displayName: 'Terminal', image: 'x' }),
    },
  ],
};

const LEVELS: Readonly<Record<string, PolicyTargets>> = {
  'streamspace/platform': {},
  'team-web/team': {},
  'streamspace/template': { templates: ['terminal'] },
  'team-web/session': { cel: 'session.metadata.name == "one"' },
};
const ELSEWHERE: Readonly<Record<string, PolicyTargets>> = {
  'team-other/team': {},
  'streamspace/other-template': { templates: ['firefox'] },
  'team-web/other-session': { cel: 'session.metadata.name == "two"' },
};

const MARK = { text: '{user} {time}', position: 'Tiled', refreshSeconds: 60 } as const;

/** What most policies say, and what the strictest says. */
const FIELDS: readonly (readonly [field: string, mild: DlpRules, strict: DlpRules])[] = [
  ['clipboard.up', { clipboard: { up: true } }, { clipboard: { up: false } }],
  ['clipboard.down', { clipboard: { down: true } }, { clipboard: { down: false } }],
  ['clipboard.maxBytes', { clipboard: { maxBytes: 10_000 } }, { clipboard: { maxBytes: 100 } }],
  ['clipboard.perMinute', { clipboard: { perMinute: 60 } }, { clipboard: { perMinute: 6 } }],
  ['clipboard.formats', { clipboard: { formats: ['text', 'html'] } }, { clipboard: { formats: ['text'] } }],
  ['clipboard.windowSeconds', { clipboard: { windowSeconds: 5 } }, { clipboard: { windowSeconds: 60 } }],
  ['files.up', { files: { up: true } }, { files: { up: false } }],
  ['files.down', { files: { down: true } }, { files: { down: false } }],
  ['files.maxBytes', { files: { maxBytes: 10_000 } }, { files: { maxBytes: 100 } }],
  ['files.perMinute', { files: { perMinute: 60 } }, { files: { perMinute: 6 } }],
  ['files.allowTypes', { files: { allowTypes: ['image/*'] } }, { files: { allowTypes: ['image/png'] } }],
  ['files.scan', { files: { scan: 'None' } }, { files: { scan: 'Required' } }],
  ['keysPerSecond', { keysPerSecond: 50 }, { keysPerSecond: 10 }],
  ['watermark', { watermark: { ...MARK, opacityPercent: 10 } }, { watermark: { ...MARK, opacityPercent: 30 } }],
  [
    'region',
    { region: { left: 0, top: 0, width: 800, height: 600 } },
    { region: { left: 100, top: 100, width: 200, height: 100 } },
  ],
];

const merged = (dlp: readonly DlpPolicy[]): EffectivePolicy =>
  effectivePolicyOf({ dlp, recording: [], session: [] }, () => undefined, new Date(0)).policy;

function effectiveOf(rulesOf: (name: string) => DlpRules) {
  const expressions = new TargetExpressions();
  const all = Object.entries({ ...LEVELS, ...ELSEWHERE }).map(([name, targets]) => policy(name, rulesOf(name), targets));
  return merged(all.filter((each) => appliesTo(each, scene, expressions)));
}

const cases = FIELDS.flatMap(([field, mild, strict]) =>
  Object.keys(LEVELS).map((strictest) => ({ field, mild, strict, strictest })),
);

test.each(cases)(
  'P-08-1 $field: the policy $strictest is the most restrictive, and is named',
  ({ field, mild, strict, strictest }) => {
    const effective = effectiveOf((name) => (name === strictest || name in ELSEWHERE ? strict : mild));
    const alone = merged([policy('streamspace/alone', strict)]);
    expect(effective.dlp).toEqual(alone.dlp);
    expect(effective.origins).toContainEqual({ field, from: `DlpPolicy/${strictest}` });
    expect(effective.policies.map(({ namespace, name }) => `${namespace}/${name}`).sort()).toEqual(Object.keys(LEVELS).sort());
  },
);

test.each(FIELDS)('P-08-1 %s: policies of another team, template or session tighten nothing', (_field, mild, strict) => {
  const effective = effectiveOf((name) => (name in ELSEWHERE ? strict : mild));
  expect(effective.dlp).toEqual(merged([policy('streamspace/alone', mild)]).dlp);
});
