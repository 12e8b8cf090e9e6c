// DlpPolicy: what may pass between people and their desktops.
import * as z from 'zod';
import { ATOMIC, type KindDefinition, type KubeObject } from '../kind.ts';
import { dlpRules } from './dlp-rules.ts';
import { type PolicyStatus, policyStatus, policyTargets } from './policy.ts';

export const dlpPolicySpec = z
  .object({
    targets: policyTargets.default({}).describe('To which sessions it applies; all that is given has to fit.'),
    ...dlpRules.shape,
  })
  .meta(ATOMIC);

export type DlpPolicySpec = z.infer<typeof dlpPolicySpec>;
export type DlpPolicy = KubeObject<DlpPolicySpec, PolicyStatus>;

export const dlpPolicyKind: KindDefinition = {
  kind: 'DlpPolicy',
  plural: 'dlppolicies',
  singular: 'dlppolicy',
  shortNames: ['dlp'],
  scope: 'Namespaced',
  description:
    "What may pass between people and their desktops. In the namespace streamspace it is for every team, in a team's namespace for the team; where several apply, the most restrictive wins, field by field.",
  spec: dlpPolicySpec,
  status: policyStatus,
  rules: [],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Paste', type: 'boolean', jsonPath: '.spec.clipboard.up' },
    { name: 'Copy', type: 'boolean', jsonPath: '.spec.clipboard.down' },
    { name: 'Sessions', type: 'integer', jsonPath: '.status.sessions' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'It applies to the sessions that it names.',
      PolicyInvalid: 'A pattern or the expression of `targets.cel` cannot be used; what it would have judged is denied.',
      PolicyUnreached: 'Its namespace is neither `streamspace` nor that of a team: it applies to no session.',
    },
  },
};
