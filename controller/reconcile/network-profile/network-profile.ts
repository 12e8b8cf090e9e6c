// NetworkProfile: tells of entries that open nothing, besides what every policy tells. The Team reconciler renders it.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import { opensNothing } from '../../policies/network/reach.ts';
import { usableResolver } from '../../policies/network/render.ts';
import type { Reconciler } from '../contract.ts';
import { type PolicyPorts, PolicyReconciler } from '../policy-reconciler.ts';

export function createNetworkProfileReconciler(ports: PolicyPorts): Reconciler {
  return new PolicyReconciler<NetworkProfile>(ports, RESOURCES.networkProfiles, problemsOf);
}

function problemsOf({ spec: { egress, dns } }: NetworkProfile): readonly string[] {
  const never = 'no desktop may ever connect there; it opens nothing';
  const entries = (egress?.allow ?? []).flatMap((entry, index) =>
    opensNothing(entry) ? [`egress.allow[${index}] ${entry.cidr ?? entry.namespace}: ${never}`] : [],
  );
  const isUnusable = dns?.mode === 'Resolver' && usableResolver(dns) === undefined;
  return [...entries, ...(isUnusable ? [`dns.resolver ${dns.resolver}: ${never}`] : [])];
}
