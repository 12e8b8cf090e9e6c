// One probe of the cluster's network: is a pod reached exactly while a NetworkPolicy admits it? One connection at a time, each of two
// seconds at most, to a pod of its own; no session is touched. What it made is gone when it returns.
import { randomUUID } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { CONTROLLER_FIELD_MANAGER } from '../../schemas/names.ts';
import type { NamedPolicy } from '../policies/network/evaluate.ts';
import type { Dial } from './dial.ts';
import { type Judged, judge, type Observed, type OwnPod, othersAdmitting, whyNoProof } from './judge.ts';
import { type Greeter, nodeGreeter, PROBE_NAME, PROBE_POD, PROBE_PORT, probePolicy, probeStatefulSet } from './objects.ts';

export interface ProbePorts {
  readonly client: Pick<KubeClient, 'find' | 'list' | 'apply' | 'delete'>;
  readonly namespace: string;
  /** The pod that this process is said to run in; whether it does is looked at. */
  readonly podName: string;
  /** Of the interfaces of this process. */
  readonly addresses: () => readonly string[];
  readonly dial: Dial;
  /** Default: Node.js of this process, with a greeting that nobody else can have. */
  readonly greeter?: Greeter;
  /** How long a network may take to learn of a policy. Default: a minute. */
  readonly settleMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number;
  readonly log: Logger;
}

export interface Probed extends Judged {
  /** That of the pod that was connected to: it is the one that has to hold back. Null: it did not come so far. */
  readonly node: string | null;
}

/** For the start of the pod, its image included. */
const START_MS = 90_000;
const SETTLE_MS = 60_000;
const BETWEEN_MS = 1_000;
/** In a row: one packet may get lost on its own. */
const HELD_TIMES = 3;
/** A process that is asked to stop has little time. */
const CLEAN_UP_MS = 3_000;

/** Rejects with the signal's reason alone. */
export async function probeNetwork(ports: ProbePorts, signal: AbortSignal): Promise<Probed> {
  try {
    const own = await ports.client.find<V1Pod>(RESOURCES.pods, ports.namespace, ports.podName, { signal });
    const reason = whyNoProof(own === undefined ? undefined : factsOf(own), ports.addresses());
    if (own === undefined || reason !== undefined) return { state: 'notKnown', reason: reason ?? '', node: null };
    try {
      return await new Probe(ports, own, signal).run();
    } finally {
      await removeProbe(ports, AbortSignal.timeout(CLEAN_UP_MS));
    }
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn({ err: error }, 'the network could not be probed');
    return { state: 'notKnown', reason: `the probe failed: ${wordsOf(error)}`, node: null };
  }
}

/** Also what an earlier process has left. Never rejects: the next probe removes it, and so does the end of the pod that owns it. */
export async function removeProbe(
  { client, namespace }: Pick<ProbePorts, 'client' | 'namespace'>,
  signal: AbortSignal,
): Promise<void> {
  const options = { propagation: 'Background' as const, signal };
  await client.delete(RESOURCES.statefulSets, namespace, PROBE_NAME, options).catch(() => undefined);
  await client.delete(RESOURCES.networkPolicies, namespace, PROBE_NAME, options).catch(() => undefined);
}

interface Reachable {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}
type Started = { readonly node: string | null } & (Reachable | { readonly missing: string });

class Probe {
  readonly #ports: ProbePorts;
  readonly #own: V1Pod;
  readonly #greeter: Greeter;
  readonly #settleMs: number;
  readonly #signal: AbortSignal;

  constructor(ports: ProbePorts, own: V1Pod, signal: AbortSignal) {
    this.#ports = ports;
    this.#own = own;
    this.#greeter = ports.greeter ?? nodeGreeter(`streamspace ${randomUUID()}\n`);
    this.#settleMs = ports.settleMs ?? SETTLE_MS;
    this.#signal = signal;
  }

  async run(): Promise<Probed> {
    await removeProbe(this.#ports, this.#signal);
    await this.#gone();
    // The policy first: a network that is slow to learn of one has it before the pod.
    await this.#admit('everybody');
    const statefulSet = probeStatefulSet(this.#own, this.#greeter);
    await this.#apply(RESOURCES.statefulSets, statefulSet);
    const pod = await this.#started();
    if ('missing' in pod) return { state: 'notKnown', reason: pod.missing, node: pod.node };
    const observed = await this.#observe(pod);
    return { ...judge(observed), node: pod.node };
  }

  async #observe({ address, labels }: Reachable): Promise<Observed> {
    const none = { admitted: false, denied: 'mixed', admittedAgain: false, others: [] } as const;
    if (!(await this.#greetedWithin(START_MS, address))) return none;
    await this.#admit('nobody');
    const denied = await this.#whileDenied(address);
    if (denied !== 'held') return { ...none, admitted: true, denied, others: await this.#others(labels) };
    await this.#admit('everybody');
    return { ...none, admitted: true, denied, admittedAgain: await this.#greetedWithin(this.#settleMs, address) };
  }

  async #others(labels: Reachable['labels']): Promise<readonly string[]> {
    const { client, namespace } = this.#ports;
    type Policy = KubeObjectJson & Pick<NamedPolicy, 'spec'>;
    const { items } = await client.list<Policy>(RESOURCES.networkPolicies, { namespace, signal: this.#signal });
    const named = items.map(({ metadata: { name }, spec }) => ({ name, spec }));
    return othersAdmitting(
      named.filter(({ name }) => name !== PROBE_NAME),
      labels,
    );
  }

  /** One of an earlier probe has another greeting. */
  async #gone(): Promise<void> {
    const { client, namespace, elapsed } = this.#ports;
    const until = elapsed() + START_MS;
    while ((await client.find(RESOURCES.pods, namespace, PROBE_POD, { signal: this.#signal })) !== undefined && elapsed() < until)
      await delay(BETWEEN_MS, this.#signal);
  }

  async #started(): Promise<Started> {
    const { client, namespace, elapsed } = this.#ports;
    const until = elapsed() + START_MS;
    for (;;) {
      const pod = await client.find<V1Pod>(RESOURCES.pods, namespace, PROBE_POD, { signal: this.#signal });
      const node = pod?.spec?.nodeName ?? null;
      const address = pod?.status?.podIP;
      if (address !== undefined && pod?.status?.containerStatuses?.[0]?.state?.running !== undefined)
        return { address, labels: pod.metadata?.labels ?? {}, node };
      if (elapsed() >= until) return { missing: `the pod of the probe did not start: ${whyNot(pod)}`, node };
      await delay(BETWEEN_MS, this.#signal);
    }
  }

  async #greetedWithin(ms: number, address: string): Promise<boolean> {
    const until = this.#ports.elapsed() + ms;
    while (!(await this.#dial(address))) {
      if (this.#ports.elapsed() >= until) return false;
      await delay(BETWEEN_MS, this.#signal);
    }
    return true;
  }

  async #whileDenied(address: string): Promise<Observed['denied']> {
    const until = this.#ports.elapsed() + this.#settleMs;
    let held = 0;
    let wasHeld = false;
    while (this.#ports.elapsed() < until) {
      held = (await this.#dial(address)) ? 0 : held + 1;
      if (held === HELD_TIMES) return 'held';
      wasHeld ||= held > 0;
      await delay(BETWEEN_MS, this.#signal);
    }
    return wasHeld ? 'mixed' : 'greeted';
  }

  async #dial(address: string): Promise<boolean> {
    const greeted = await this.#ports.dial(address, PROBE_PORT, this.#greeter.greeting, this.#signal);
    this.#signal.throwIfAborted();
    return greeted;
  }

  async #admit(whom: 'everybody' | 'nobody'): Promise<void> {
    await this.#apply(RESOURCES.networkPolicies, probePolicy(this.#own, whom));
  }

  async #apply(resource: (typeof RESOURCES)['networkPolicies' | 'statefulSets'], object: object): Promise<void> {
    await this.#ports.client.apply<KubeObjectJson>(resource, this.#ports.namespace, PROBE_NAME, JSON.stringify(object), {
      fieldManager: CONTROLLER_FIELD_MANAGER,
      force: true,
      signal: this.#signal,
    });
  }
}

function factsOf({ metadata, spec, status }: V1Pod): OwnPod {
  const addresses = status?.podIPs?.map(({ ip }) => ip) ?? [status?.podIP];
  return {
    name: metadata?.name ?? '',
    hostNetwork: spec?.hostNetwork === true,
    addresses: addresses.filter((address) => address !== undefined),
  };
}

function whyNot(pod: V1Pod | undefined): string {
  if (pod === undefined) return 'it was not made; the events of the StatefulSet say why';
  const { state } = pod.status?.containerStatuses?.[0] ?? {};
  const waiting = state?.waiting?.reason ?? state?.terminated?.reason;
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return waiting ?? unscheduled?.reason ?? `it is ${pod.status?.phase ?? 'unknown'}`;
}

/** By code: words of clients name inner addresses. */
function wordsOf(error: unknown): string {
  if (error instanceof StreamSpaceError) return error.code;
  if (error instanceof KubeStatusError) return `the API server answered ${error.statusCode} ${error.reason}`;
  return 'for a reason that is in the log';
}
