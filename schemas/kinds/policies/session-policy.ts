// SessionPolicy: with whom desktops may be shared, which displays they may have, whether they have a console, and how long they live.
import * as z from 'zod';
import { ATOMIC, type KindDefinition, type KubeObject } from '../kind.ts';
import { type PolicyStatus, policyStatus, policyTargets } from './policy.ts';
import { sessionRules } from './session-rules.ts';

export const sessionPolicySpec = z
  .object({
    targets: policyTargets.default({}).describe('To which sessions it applies; all that is given has to fit.'),
    ...sessionRules.shape,
  })
  .meta(ATOMIC);

export type SessionPolicySpec = z.infer<typeof sessionPolicySpec>;
export type SessionPolicy = KubeObject<SessionPolicySpec, PolicyStatus>;

export const sessionPolicyKind: KindDefinition = {
  kind: 'SessionPolicy',
  plural: 'sessionpolicies',
  singular: 'sessionpolicy',
  shortNames: ['sesspol'],
  scope: 'Namespaced',
  description:
    "With whom desktops may be shared, which displays they may have, whether a shell may be opened in them, and how long they run. In the namespace streamspace it is for every team, in a team's namespace for the team; where several apply, the most restrictive wins, field by field.",
  spec: sessionPolicySpec,
  status: policyStatus,
  rules: [],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Sharing', type: 'string', jsonPath: '.spec.sharing.allow' },
    { name: 'By', type: 'string', jsonPath: '.spec.sharing.by' },
    { name: 'Guests', type: 'boolean', jsonPath: '.spec.sharing.guests' },
    { name: 'Console', type: 'boolean', jsonPath: '.spec.console.allow' },
    { name: 'Idle', type: 'integer', jsonPath: '.spec.idle.afterSeconds', priority: 1 },
    { name: 'Sessions', type: 'integer', jsonPath: '.status.sessions' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: {
    Ready: {
      Accepted: 'It applies to the sessions that it names.',
      PolicyInvalid:
        'The expression of `targets.cel` cannot be used; the policy applies to every session that it reaches. Or the time zone of `schedule` is unknown; it limits nothing.',
      PolicyUnreached: 'Its namespace is neither `streamspace` nor that of a team: it applies to no session.',
    },
  },
};
