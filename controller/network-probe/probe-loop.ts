// Probes the network now and then, while this controller leads, and tells what came of it: a ConfigMap for the health page, an event
// of it, a number, the log.
import type { EventRecorder, EventText } from '../../runtime/kube/events.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { CONTROLLER_FIELD_MANAGER, LABELS, MANAGED_BY, NETWORK_PROBE } from '../../schemas/names.ts';
import { type NetworkProbe, networkProbe, type ProbeState } from '../../schemas/network-probe.ts';
import { type Probed, type ProbePorts, probeNetwork, removeProbe } from './probe.ts';

export interface ProbeLoopOptions extends ProbePorts {
  readonly events: EventRecorder;
  readonly tell: (state: ProbeState | undefined) => void;
  /** Undefined: the network is not probed, and what was found before is forgotten. */
  readonly everyMs: number | undefined;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** What is not known may be known soon: a pod that could not start, a network that was slow. */
const UNKNOWN_AGAIN_MS = 3_600_000;
const FAILED_AGAIN_MS = 60_000;

/** Resolves when the signal is aborted. */
export async function networkProbeLoop(options: ProbeLoopOptions): Promise<void> {
  const { everyMs, now, tell, log, signal } = options;
  if (everyMs === undefined) return await forget(options);
  let isFirst = true;
  while (!signal.aborted) {
    const round = async (): Promise<number> => {
      if (isFirst) await removeProbe(options, signal);
      isFirst = false;
      const before = await lastProbe(options, signal);
      tell(before?.state);
      const waitMs = dueInMs(before, everyMs, now());
      if (waitMs > 0) return waitMs;
      const probed = await probeNetwork(options, signal);
      await keep(options, before, probed);
      tell(probed.state);
      return probed.state === 'notKnown' ? Math.min(everyMs, UNKNOWN_AGAIN_MS) : everyMs;
    };
    const waitMs = await round().catch((error: unknown) => {
      if (!signal.aborted) log.warn({ err: error }, 'what a probe of the network found could not be told');
      return FAILED_AGAIN_MS;
    });
    await delay(waitMs, signal).catch(() => undefined);
  }
  tell(undefined);
}

/** A finding of long ago would stand there for ever. */
async function forget({ client, namespace, log, signal }: ProbeLoopOptions): Promise<void> {
  await client.delete(RESOURCES.configMaps, namespace, NETWORK_PROBE, { signal }).catch((error: unknown) => {
    if (!signal.aborted) log.warn({ err: error }, 'what a probe of the network found could not be taken away');
  });
}

/** Of one that proved something; a new controller may stand where it can be known. */
export function dueInMs(before: NetworkProbe | undefined, everyMs: number, now: Date): number {
  if (before === undefined || before.state === 'notKnown') return 0;
  const ageMs = now.getTime() - Date.parse(before.checkedAt);
  // A clock that was set back would put it off for ever.
  return ageMs < 0 ? 0 : Math.max(0, everyMs - ageMs);
}

type Told = KubeObjectJson & { readonly data?: unknown };

async function lastProbe({ client, namespace }: ProbeLoopOptions, signal: AbortSignal): Promise<NetworkProbe | undefined> {
  const found = await client.find<Told>(RESOURCES.configMaps, namespace, NETWORK_PROBE, { signal });
  return networkProbe.safeParse(found?.data).data;
}

async function keep(options: ProbeLoopOptions, before: NetworkProbe | undefined, probed: Probed): Promise<void> {
  const { client, namespace, events, now, log, signal } = options;
  const { state, reason, node } = probed;
  const data: NetworkProbe = { state, reason, node: node ?? '', checkedAt: now().toISOString() };
  const told = await client.apply<Told>(
    RESOURCES.configMaps,
    namespace,
    NETWORK_PROBE,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data },
      metadata: { name: NETWORK_PROBE, namespace, labels: { [LABELS.managedBy]: MANAGED_BY } },
    }),
    { fieldManager: CONTROLLER_FIELD_MANAGER, force: true, signal },
  );
  const about = { state, reason, node };
  if (state === 'notEnforced') log.error(about, 'the network of the cluster does not enforce NetworkPolicies');
  else log.info(about, 'the network was probed');
  if (before?.state === state && state !== 'notEnforced') return;
  const subject = { resource: RESOURCES.configMaps, namespace, name: NETWORK_PROBE, uid: told.metadata.uid ?? '' };
  events.record(subject, eventOf(probed));
}

function eventOf({ state, reason, node }: Probed): EventText {
  const message = node === null ? reason : `${reason} (node ${node})`;
  switch (state) {
    case 'enforced':
      return { type: 'Normal', reason: 'NetworkPolicyEnforced', message };
    case 'notEnforced':
      return { type: 'Warning', reason: 'NetworkPolicyNotEnforced', message };
    case 'notKnown':
      return { type: 'Normal', reason: 'NetworkPolicyNotKnown', message };
  }
}
