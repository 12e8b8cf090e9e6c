// The most restrictive wins, field by field: laws that hold for any policies, the origins that are told, and windows.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordingPolicySpec } from '../../schemas/kinds/policies/recording-policy.ts';
import {
  isToBeRecorded,
  NOT_RECORDED,
  type RecordingRules,
  recordingMode,
  recordingRules,
  recordWhen,
} from '../../schemas/kinds/policies/recording-rules.ts';
import { anyRecordingPolicies, recordingPolicy } from './fixtures.ts';
import { mergeRecording, RECORDING_MERGE } from './merge-recording.ts';
import { windowProblem } from './recording-windows.ts';

const NOW = new Date('2026-01-05T06:30:00Z'); // a Monday
const merged = (policies: Parameters<typeof mergeRecording>[0], at = NOW): RecordingRules =>
  mergeRecording(policies, at).recording;

/** Written out for each field once more, apart from the table: whether `a` is at least as strict as `b`. */
const NO_LOOSER: Readonly<
  Record<Exclude<keyof RecordingRules, 'encryptionKeyRef'>, (a: RecordingRules, b: RecordingRules) => boolean>
> = {
  record: (a, b) => recordWhen.options.indexOf(a.record) >= recordWhen.options.indexOf(b.record),
  mode: (a, b) => recordingMode.options.indexOf(a.mode) >= recordingMode.options.indexOf(b.mode),
  framesPerSecond: (a, b) => a.framesPerSecond >= b.framesPerSecond,
  segmentSeconds: (a, b) => a.segmentSeconds <= b.segmentSeconds,
  maxBytesPerSecond: (a, b) => (a.maxBytesPerSecond ?? Infinity) <= (b.maxBytesPerSecond ?? Infinity),
  retentionDays: (a, b) => (a.retentionDays ?? Infinity) >= (b.retentionDays ?? Infinity),
  legalHold: (a, b) => a.legalHold || !b.legalHold,
  viewers: (a, b) =>
    a.viewers.every((viewer) => b.viewers.includes(viewer) || (viewer.startsWith('group:') && b.viewers.includes('Auditor'))),
  download: (a, b) => !a.download || b.download,
  stepUp: (a, b) => a.stepUp || !b.stepUp,
  notifyUser: (a, b) => a.notifyUser || !b.notifyUser,
  events: (a, b) => (a.events.input || !b.events.input) && (a.events.clipboard || !b.events.clipboard),
};

describe('laws', () => {
  test('the order of the policies makes no difference, to a field or to an origin', () => {
    fc.assert(
      fc.property(anyRecordingPolicies(), (policies) => {
        expect(mergeRecording(policies.toReversed(), NOW)).toEqual(mergeRecording(policies, NOW));
      }),
    );
  });

  test('one policy more loosens nothing of what is recorded', () => {
    fc.assert(
      fc.property(anyRecordingPolicies(), (policies) => {
        const before = merged(policies.slice(1));
        const after = merged(policies);
        if (before.record === 'Off') return;
        for (const [field, holds] of Object.entries(NO_LOOSER)) {
          expect(holds(after, before), field).toBe(true);
        }
        expect(before.encryptionKeyRef === undefined || after.encryptionKeyRef !== undefined).toBe(true);
      }),
    );
  });

  test('what comes out is what the status of a session may hold', () => {
    fc.assert(
      fc.property(anyRecordingPolicies(), (policies) => {
        for (const { spec } of policies) expect(recordingPolicySpec.safeParse(spec)).toMatchObject({ success: true });
        expect(recordingRules.strict().safeParse(merged(policies))).toMatchObject({ success: true });
      }),
    );
  });

  test('a field has an origin exactly when it is another than without any policy', () => {
    const plain = ({ events, ...rules }: RecordingRules): Readonly<Record<string, unknown>> => ({
      ...rules,
      'events.input': events.input,
      'events.clipboard': events.clipboard,
      viewers: rules.viewers.toSorted(),
    });
    fc.assert(
      fc.property(anyRecordingPolicies(), (policies) => {
        const { recording, origins } = mergeRecording(policies, NOW);
        const [now, without] = [plain(recording), plain(NOT_RECORDED)];
        const differing = Object.keys(RECORDING_MERGE).filter(
          (name) => JSON.stringify(now[name]) !== JSON.stringify(without[name]),
        );
        expect(origins.map(({ field }) => field)).toEqual(differing.map((name) => `recording.${name}`));
      }),
    );
  });
});

test('the guide says how each field is merged, in the order of the table', () => {
  const guide = readFileSync(new URL('../../docs/guides/recording.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| `([.\w]+)` +\| (strictest|max|min|first|or|and|intersection) /gm)].map(
    ([, field = '', how = '']) => [field, how],
  );
  expect(rows).toEqual(Object.entries(RECORDING_MERGE).map(([field, { how }]) => [field, how]));
});

describe('a team cannot take away what the platform asks for', () => {
  const platform = recordingPolicy('streamspace/all', { record: 'Always', encryptionKeyRef: { name: 'k', key: 'key' } });

  test('neither length, nor pictures, nor the length of segments, nor the key', () => {
    const own = recordingPolicy('team-web/own', {
      record: 'Off',
      ...{ framesPerSecond: 1, segmentSeconds: 600, retentionDays: 1 },
      encryptionKeyRef: { name: 'ours', key: 'key' },
    });
    expect(merged([platform, own])).toEqual({
      ...merged([platform]),
      encryptionKeyRef: { namespace: 'streamspace', name: 'k', key: 'key' },
    });
  });

  test('who may watch is whom every policy lets, groups being part of those who have the right, and an empty list is nobody', () => {
    const a = recordingPolicy('streamspace/a', { viewers: ['Owner', 'Auditor'] });
    const b = recordingPolicy('team-web/b', { viewers: ['Participant', 'group:leads'] });
    expect(mergeRecording([platform, a, b], NOW)).toMatchObject({
      recording: { viewers: ['group:leads'] },
      origins: [{}, {}, { field: 'recording.viewers', from: 'RecordingPolicy/team-web/b' }],
    });
    expect(merged([a, recordingPolicy('team-web/none', { viewers: [] })]).viewers).toEqual([]);
  });
});

describe('windows', () => {
  const day = recordingPolicy('streamspace/day', {
    record: 'Always',
    mode: 'Required',
    windows: [{ schedule: '0 7 * * MON-FRI', duration: '12h', timeZone: 'Europe/Berlin' }],
  });

  test('a policy asks for a recording inside its windows only, and another may ask outside of them', () => {
    const wish = recordingPolicy('team-web/wish', { record: 'OnDemand' });
    expect(merged([day, wish])).toMatchObject({ record: 'Always', mode: 'Required' }); // 07:30 in Berlin
    const evening = mergeRecording([day, wish], new Date('2026-01-05T18:00:00Z'));
    expect(evening.recording).toMatchObject({ record: 'OnDemand', mode: 'Required' });
    expect(evening.origins[0]).toEqual({ field: 'recording.record', from: 'RecordingPolicy/team-web/wish' });
    expect(evening.nextChangeAt).toEqual(new Date('2026-01-06T06:00:00Z'));
  });

  test('one that cannot be read counts as open, and is told', () => {
    const windows = [{ schedule: '99 * * * *', duration: '1h', timeZone: 'UTC' }];
    expect(merged([recordingPolicy('streamspace/bad', { record: 'Always', windows })]).record).toBe('Always');
    expect(windowProblem(windows, NOW)).toMatch(/99/);
  });

  test('they are refused where nothing is recorded always', () => {
    const windows = [{ schedule: '0 7 * * *', duration: '1h' }];
    expect(recordingPolicySpec.safeParse({ record: 'Consent', windows }).error?.issues).toMatchObject([{ path: ['windows'] }]);
    expect(recordingPolicySpec.safeParse({ record: 'Always', windows }).success).toBe(true);
  });
});

test.each([
  ['Off', false, false, false],
  ['OnDemand', true, false, false],
  ['Consent', false, true, false],
  ['Always', true, true, true],
] as const)(
  '%s: recorded when somebody wants it (%s), when the owner agrees (%s), or in any case (%s)',
  (record, wish, agree, any) => {
    const rules = { ...NOT_RECORDED, record };
    expect(isToBeRecorded(rules, { wished: true, agreed: false })).toBe(wish);
    expect(isToBeRecorded(rules, { wished: false, agreed: true })).toBe(agree);
    expect(isToBeRecorded(rules, { wished: false, agreed: false })).toBe(any);
  },
);
