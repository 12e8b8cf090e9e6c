import { expect, test } from 'vitest';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import { NOT_RECORDED } from '../../schemas/kinds/policies/recording-rules.ts';
import { policyNames, recordingInForce } from './read-policy.ts';

const policy = (kind: EffectivePolicy['policies'][number]['kind'], name: string, revision?: string) => ({
  ...{ kind, namespace: 'streamspace', name, uid: name, generation: 2 },
  ...(revision === undefined ? {} : { revision }),
});
const DLP = {
  clipboard: { up: true, down: true, maxBytes: 1, formats: [], windowSeconds: 0, rules: [] },
} satisfies EffectivePolicy['dlp'];

test('the policy that asks for a recording is named with its commit, and not a DlpPolicy of the same name', () => {
  const effective: EffectivePolicy = {
    hash: 'a'.repeat(64),
    policies: [policy('DlpPolicy', 'all', 'of-dlp'), policy('RecordingPolicy', 'all', 'abc'), policy('RecordingPolicy', 'more')],
    dlp: DLP,
    recording: { ...NOT_RECORDED, record: 'Always', mode: 'Required' },
    recordingHash: 'b'.repeat(64),
    origins: [
      { field: 'recording.record', from: 'RecordingPolicy/streamspace/all' },
      { field: 'recording.mode', from: 'RecordingPolicy/streamspace/more' },
    ],
  };
  expect(recordingInForce(effective)).toMatchObject({
    rules: { record: 'Always', mode: 'Required' },
    hash: 'b'.repeat(64),
    policy: 'streamspace/all',
    revision: 'abc',
  });
  expect(policyNames(effective)).toBe('streamspace/all@2 (of-dlp)');
});

test('a controller that knows no recording records nothing', () => {
  const effective = { hash: 'a'.repeat(64), policies: [], dlp: DLP, origins: [] };
  expect(recordingInForce(effective)).toEqual({ rules: NOT_RECORDED, hash: '', policy: undefined, revision: undefined });
});
