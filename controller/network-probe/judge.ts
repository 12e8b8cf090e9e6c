// What a probe of the network proves. Pure: where the prober stands and what happened to its connections give one of three answers,
// and "not known" wherever anything but the policy could be the reason (ADR 0059).

import type { ProbeState } from '../../schemas/network-probe.ts';
import { type NamedPolicy, selects } from '../policies/network/evaluate.ts';

/** What a pod of the cluster says about the process that asks. */
export interface OwnPod {
  readonly name: string;
  readonly hostNetwork: boolean;
  readonly addresses: readonly string[];
}

/**
 * Why connections of this process to a pod prove nothing; undefined where it stands in a pod of its own.
 * @param addresses of the interfaces that the process sees
 */
export function whyNoProof(pod: OwnPod | undefined, addresses: readonly string[]): string | undefined {
  const passes = 'what nodes send to pods passes everywhere';
  if (pod === undefined) return `the controller runs in no pod of its namespace, and ${passes}`;
  if (pod.hostNetwork) return `pod ${pod.name} has the network of its node, and ${passes}`;
  if (pod.addresses.some((address) => addresses.includes(address))) return undefined;
  return `the controller has no address of pod ${pod.name}, so it does not run in it`;
}

/** Connections from the prober to the same pod and port, under one policy after another. */
export interface Observed {
  /** While the policy admitted them. False: none was greeted in time. */
  readonly admitted: boolean;
  /** While it admitted nobody: held back, one after another; or greeted to the last; or now this, now that. */
  readonly denied: 'held' | 'greeted' | 'mixed';
  /** Once it admitted them again. */
  readonly admittedAgain: boolean;
  /** Other NetworkPolicies that admit somebody to the pod: rules only add up. */
  readonly others: readonly string[];
}

export interface Judged {
  readonly state: ProbeState;
  /** For people. */
  readonly reason: string;
}

export function judge({ admitted, denied, admittedAgain, others }: Observed): Judged {
  const notKnown = (reason: string): Judged => ({ state: 'notKnown', reason });
  if (!admitted) return notKnown('the pod of the probe was not reached, though a NetworkPolicy admitted it');
  switch (denied) {
    case 'greeted':
      if (others.length > 0) return notKnown(`the pod of the probe is admitted to by NetworkPolicy ${others.join(', ')} too`);
      return { state: 'notEnforced', reason: 'a pod was reached all the time while a NetworkPolicy admitted nobody to it' };
    case 'mixed':
      return notKnown('while a NetworkPolicy admitted nobody, some connections were held back and others were not');
    case 'held':
      if (admittedAgain) return { state: 'enforced', reason: 'a pod was reached exactly while a NetworkPolicy admitted it' };
      return notKnown('the pod of the probe was not reached again once a NetworkPolicy admitted it again, so it may have ended');
  }
}

/** By name. Whom a policy admits is not looked at: one that may admit the prober is enough to prove nothing. */
export function othersAdmitting(policies: readonly NamedPolicy[], labels: Readonly<Record<string, string>>): readonly string[] {
  return policies
    .filter(({ spec: { podSelector, policyTypes = ['Ingress'], ingress = [] } }) => {
      return policyTypes.includes('Ingress') && ingress.length > 0 && selects(podSelector, labels);
    })
    .map(({ name }) => name);
}
