// RecordingPolicy: tells of windows that cannot be read, besides what every policy tells.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { RecordingPolicy } from '../../../schemas/kinds/policies/recording-policy.ts';
import { windowProblem } from '../../policies/recording-windows.ts';
import type { Reconciler } from '../contract.ts';
import { type PolicyPorts, PolicyReconciler } from '../policy-reconciler.ts';

export function createRecordingPolicyReconciler(ports: PolicyPorts): Reconciler {
  return new PolicyReconciler<RecordingPolicy>(ports, RESOURCES.recordingPolicies, ({ spec: { windows } }) => {
    const problem = windowProblem(windows, ports.now());
    return problem === undefined ? [] : [`windows: ${problem}; they count as open at all times`];
  });
}
