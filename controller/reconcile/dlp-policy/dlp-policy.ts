// DlpPolicy: tells of patterns that cannot be used, besides what every policy tells.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { DlpPolicy } from '../../../schemas/kinds/policies/dlp-policy.ts';
import { isRe2Pattern } from '../../../schemas/kinds/policies/re2.ts';
import type { Reconciler } from '../contract.ts';
import { type PolicyPorts, PolicyReconciler } from '../policy-reconciler.ts';

export function createDlpPolicyReconciler(ports: PolicyPorts): Reconciler {
  return new PolicyReconciler<DlpPolicy>(ports, RESOURCES.dlpPolicies, patternProblems);
}

/** An API server without the rule of the CRD, or with another RE2 than ours, may have let one in. */
function patternProblems({ spec }: DlpPolicy): readonly string[] {
  return (spec.clipboard?.rules ?? [])
    .filter(({ pattern }) => pattern !== undefined && !isRe2Pattern(pattern))
    .map(
      ({ name }) =>
        `clipboard.rules "${name}": its pattern is no regular expression of RE2; every clipboard that it would judge is denied`,
    );
}
