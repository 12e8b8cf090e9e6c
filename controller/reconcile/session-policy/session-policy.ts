// SessionPolicy: tells of a schedule that cannot be read, besides what every policy tells.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { SessionPolicy } from '../../../schemas/kinds/policies/session-policy.ts';
import { hoursProblem } from '../../policies/run-hours.ts';
import type { Reconciler } from '../contract.ts';
import { type PolicyPorts, PolicyReconciler } from '../policy-reconciler.ts';

export function createSessionPolicyReconciler(ports: PolicyPorts): Reconciler {
  return new PolicyReconciler<SessionPolicy>(ports, RESOURCES.sessionPolicies, ({ spec: { schedule } }) => {
    const problem = schedule === undefined ? undefined : hoursProblem(schedule, ports.now());
    return problem === undefined ? [] : [`schedule: ${problem}; it limits nothing`];
  });
}
