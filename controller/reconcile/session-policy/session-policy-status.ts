// Of the objects of the kind SessionPolicy; what they come to for a session is told beside (session-policy.ts).
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { SessionPolicy } from '../../../schemas/kinds/session-policy.ts';
import type { Reconciler } from '../contract.ts';
import { type PolicyPorts, PolicyReconciler } from '../policy-reconciler.ts';

export function createSessionPolicyStatusReconciler(ports: PolicyPorts): Reconciler {
  return new PolicyReconciler<SessionPolicy>(ports, RESOURCES.sessionPolicies, () => [], 'SessionPolicyStatus');
}
