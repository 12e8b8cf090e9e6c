// SignInPolicy: second factors, when they are asked for again, how long sign-ins last, and what API keys may be.
import * as z from 'zod';
import { ATOMIC, conditions, type KindDefinition, type KubeObject, observedGeneration } from '../kind.ts';
import { signInRules } from './sign-in-rules.ts';

export const signInPolicySpec = signInRules.meta(ATOMIC);

const signInPolicyStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
});

export type SignInPolicySpec = z.infer<typeof signInPolicySpec>;
export type SignInPolicyStatus = z.infer<typeof signInPolicyStatus>;
export type SignInPolicy = KubeObject<SignInPolicySpec, SignInPolicyStatus>;

export const signInPolicyKind: KindDefinition = {
  kind: 'SignInPolicy',
  plural: 'signinpolicies',
  singular: 'signinpolicy',
  shortNames: ['signpol'],
  scope: 'Namespaced',
  description:
    "Second factors, when they are asked for again, how long sign-ins last, and what API keys may be. In the namespace streamspace it is for everybody, in a team's namespace for the people of the team and what is in it; where several apply, the most restrictive wins, field by field.",
  spec: signInPolicySpec,
  status: signInPolicyStatus,
  rules: [],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Factor', type: 'string', jsonPath: '.spec.secondFactor' },
    { name: 'Step-up', type: 'string', jsonPath: '.spec.stepUp.for' },
    { name: 'Key days', type: 'integer', jsonPath: '.spec.apiKeys.maxDays' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'It holds for whom its namespace reaches.',
      PolicyUnreached: 'Its namespace is neither `streamspace` nor that of a team: it holds for nobody.',
    },
  },
};
