// SessionPolicy: tells what every policy tells; nothing of its rules can be unusable.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { SessionPolicy } from '../../../schemas/kinds/session-policy.ts';
import type { Reconciler } from '../contract.ts';
import { type PolicyPorts, PolicyReconciler } from '../policy-reconciler.ts';

export function createSessionPolicyReconciler(ports: PolicyPorts): Reconciler {
  return new PolicyReconciler<SessionPolicy>(ports, RESOURCES.sessionPolicies, () => []);
}
