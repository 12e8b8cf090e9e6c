// For tests: policies as anybody may write them, and one that says what the test is about.
import fc from 'fast-check';
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import {
  type ContentRule,
  clipboardFormat,
  contentAction,
  contentDetector,
  type DlpRules,
  MARK_POSITIONS,
  MAX_CLIPBOARD_BYTES,
} from '../../schemas/kinds/policies/dlp-rules.ts';
import { fileScan, MAX_FILE_BYTES } from '../../schemas/kinds/policies/file-rules.ts';
import type { PolicyTargets } from '../../schemas/kinds/policies/policy.ts';
import type { RecordingPolicy } from '../../schemas/kinds/policies/recording-policy.ts';
import {
  type RecordingRulesOfPolicy,
  recordingMode,
  recordWhen,
  VIEWER_ROLES,
} from '../../schemas/kinds/policies/recording-rules.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';

export function policy(name: string, rules: DlpRules = {}, targets: PolicyTargets = {}): DlpPolicy {
  const [namespace = '', own = ''] = name.split('/');
  return {
    apiVersion: API_GROUP_VERSION,
    kind: 'DlpPolicy',
    metadata: { namespace, name: own, uid: `uid-${name}`, generation: 1 },
    spec: { targets, ...rules },
  };
}

export function recordingPolicy(name: string, rules: RecordingRulesOfPolicy = {}, targets: PolicyTargets = {}): RecordingPolicy {
  return { ...policy(name), kind: 'RecordingPolicy', spec: { targets, ...rules } };
}

const rule: fc.Arbitrary<ContentRule> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,3}$/),
  detector: fc.constantFrom(...contentDetector.options),
  action: fc.constantFrom(...contentAction.options),
  direction: fc.constantFrom('Both', 'Up', 'Down'),
});

const types = fc.array(fc.constantFrom('image/*', 'image/png', 'image/gif', 'text/*', 'text/plain', 'application/pdf'), {
  maxLength: 5,
});

const rules: fc.Arbitrary<DlpRules> = fc.record(
  {
    clipboard: fc.record(
      {
        up: fc.boolean(),
        down: fc.boolean(),
        maxBytes: fc.integer({ min: 0, max: MAX_CLIPBOARD_BYTES }),
        perMinute: fc.integer({ min: 0, max: 6000 }),
        formats: fc.array(fc.constantFrom(...clipboardFormat.options), { maxLength: 5 }),
        windowSeconds: fc.integer({ min: 0, max: 300 }),
        rules: fc.uniqueArray(rule, { maxLength: 4, selector: ({ name }) => name }),
      },
      { requiredKeys: [] },
    ),
    files: fc.record(
      {
        up: fc.boolean(),
        down: fc.boolean(),
        maxBytes: fc.integer({ min: 0, max: MAX_FILE_BYTES }),
        perMinute: fc.integer({ min: 0, max: 6000 }),
        allowTypes: types,
        denyTypes: types,
        scan: fc.constantFrom(...fileScan.options),
      },
      { requiredKeys: [] },
    ),
    keysPerSecond: fc.integer({ min: 1, max: 1000 }),
    watermark: fc.record({
      text: fc.constantFrom('{user} {time}', 'internal', '{session}'),
      opacityPercent: fc.integer({ min: 5, max: 8 }),
      position: fc.constantFrom(...MARK_POSITIONS),
      refreshSeconds: fc.integer({ min: 10, max: 3600 }),
    }),
    region: fc.record({
      ...{ left: fc.integer({ min: 0, max: 40 }), top: fc.integer({ min: 0, max: 40 }) },
      ...{ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) },
    }),
  },
  { requiredKeys: [] },
);

/** Each with a name of its own, in any order. */
export const anyPolicies = (maxLength = 6): fc.Arbitrary<readonly DlpPolicy[]> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom('streamspace', 'team-web'), fc.stringMatching(/^[a-z]{1,4}$/), rules), {
      maxLength,
      selector: ([namespace, name]) => `${namespace}/${name}`,
    })
    .map((all) => all.map(([namespace, name, given]) => policy(`${namespace}/${name}`, given)));

const recording: fc.Arbitrary<RecordingRulesOfPolicy> = fc.record(
  {
    record: fc.constantFrom(...recordWhen.options),
    mode: fc.constantFrom(...recordingMode.options),
    framesPerSecond: fc.integer({ min: 1, max: 15 }),
    segmentSeconds: fc.integer({ min: 10, max: 600 }),
    maxBytesPerSecond: fc.integer({ min: 65_536, max: 65_540 }),
    encryptionKeyRef: fc.record({ name: fc.constantFrom('a', 'b'), key: fc.constant('key') }),
    retentionDays: fc.integer({ min: 1, max: 400 }),
    legalHold: fc.boolean(),
    viewers: fc.array(fc.constantFrom(...VIEWER_ROLES, 'group:legal'), { maxLength: 4 }),
    download: fc.boolean(),
    stepUp: fc.boolean(),
    notifyUser: fc.boolean(),
    events: fc.record({ input: fc.boolean(), clipboard: fc.boolean() }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

export const anyRecordingPolicies = (maxLength = 6): fc.Arbitrary<readonly RecordingPolicy[]> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom('streamspace', 'team-web'), fc.stringMatching(/^[a-z]{1,4}$/), recording), {
      maxLength,
      selector: ([namespace, name]) => `${namespace}/${name}`,
    })
    .map((all) => all.map(([namespace, name, given]) => recordingPolicy(`${namespace}/${name}`, given)));
