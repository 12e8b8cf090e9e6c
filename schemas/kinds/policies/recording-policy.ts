// RecordingPolicy: which desktops are recorded, how, for how long, and who may watch.
import * as z from 'zod';
import { ATOMIC, type KindDefinition, type KubeObject } from '../kind.ts';
import { type PolicyStatus, policyStatus, policyTargets } from './policy.ts';
import { recordingRulesOfPolicy, windowsNeedAlways } from './recording-rules.ts';

export const recordingPolicySpec = z
  .object({
    targets: policyTargets.default({}).describe('To which sessions it applies; all that is given has to fit.'),
    ...recordingRulesOfPolicy.shape,
  })
  .refine(windowsNeedAlways.holds, { message: windowsNeedAlways.message, path: ['windows'] })
  .meta({ ...ATOMIC, ...windowsNeedAlways.cel });

export type RecordingPolicySpec = z.infer<typeof recordingPolicySpec>;
export type RecordingPolicy = KubeObject<RecordingPolicySpec, PolicyStatus>;

export const recordingPolicyKind: KindDefinition = {
  kind: 'RecordingPolicy',
  plural: 'recordingpolicies',
  singular: 'recordingpolicy',
  shortNames: ['recpol'],
  scope: 'Namespaced',
  description:
    "Which desktops are recorded, how, for how long, and who may watch. In the namespace streamspace it is for every team, in a team's namespace for the team; where several apply, the most restrictive wins, field by field.",
  spec: recordingPolicySpec,
  status: policyStatus,
  rules: [],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Record', type: 'string', jsonPath: '.spec.record' },
    { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
    { name: 'Days', type: 'integer', jsonPath: '.spec.retentionDays' },
    { name: 'Sessions', type: 'integer', jsonPath: '.status.sessions' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'It applies to the sessions that it names.',
      PolicyInvalid:
        'A window or the expression of `targets.cel` cannot be used: the window counts as open, the policy applies to every session that it reaches.',
      PolicyUnreached: 'Its namespace is neither `streamspace` nor that of a team: it applies to no session.',
    },
  },
};
