// Keeps a delivery going for each sink of each AuditPolicy, and says in the status how far each is. Policies are few and change seldom:
// they are asked for, not watched.
import { isDeepStrictEqual } from 'node:util';
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { Condition } from '../../../schemas/kinds/kind.ts';
import type { AuditPolicy, AuditPolicyStatus, AuditSink } from '../../../schemas/kinds/policies/audit-policy.ts';
import { type SinkState, sinkStates } from '../../store/event-sinks.ts';
import { type DeliveryPorts, deliverTo } from './delivery.ts';
import { type MakeSinkPorts, makeSink } from './make-sink.ts';

export interface AuditSinksPorts extends DeliveryPorts, MakeSinkPorts {
  readonly client: Pick<KubeClient, 'find' | 'list' | 'mergePatch'>;
}

interface Running {
  readonly sink: AuditSink;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

const LOOK_EVERY_MS = 5_000;
const FIELD_MANAGER = 'streamspace-gateway-audit';

export class AuditSinks {
  readonly #ports: AuditSinksPorts;
  readonly #running = new Map<string, Running>();

  constructor(ports: AuditSinksPorts) {
    this.#ports = ports;
  }

  /** Until the signal; resolves when the last delivery has ended. */
  async loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.look(signal);
      } catch (error) {
        if (!signal.aborted) this.#ports.log.debug({ err: error }, 'the policies of the audit log could not be read');
      }
      await delay(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    await Promise.all([...this.#running.values()].map((running) => end(running)));
  }

  /** Starts what is new, ends what is gone or has changed, and tells. */
  async look(signal: AbortSignal): Promise<void> {
    const { items } = await this.#ports.client.list<AuditPolicy>(RESOURCES.auditPolicies, { signal });
    const wanted = new Map(
      items.flatMap((policy) => (policy.spec.sinks ?? []).map((sink) => [nameOf(policy, sink), sink] as const)),
    );
    for (const [name, running] of this.#running) {
      if (isDeepStrictEqual(wanted.get(name), running.sink)) continue;
      this.#running.delete(name);
      await end(running);
      this.#ports.onLag(name, 0);
    }
    for (const [name, sink] of wanted) if (!this.#running.has(name)) this.#start(name, sink);
    const states = await sinkStates(this.#ports.db, [...wanted.keys()]);
    for (const policy of items) await this.#tell(policy, states, signal);
  }

  #start(name: string, sink: AuditSink): void {
    const stop = new AbortController();
    const make = (signal: AbortSignal) => makeSink(sink, this.#ports, signal);
    this.#running.set(name, { sink, stop, ended: deliverTo(name, make, this.#ports, stop.signal) });
  }

  /** From the database, so every replica says the same. */
  async #tell(policy: AuditPolicy, states: ReadonlyMap<string, SinkState>, signal: AbortSignal): Promise<void> {
    const { metadata, status: before, spec } = policy;
    const sinks = (spec.sinks ?? []).flatMap((sink) => {
      const state = states.get(nameOf(policy, sink));
      if (state === undefined) return [];
      const problem = state.problem === null ? {} : { problem: state.problem };
      return [{ name: sink.name, delivered: Number(state.seq), ...problem }];
    });
    const verdict = verdictOf(sinks);
    const of = metadata.generation === undefined ? {} : { observedGeneration: metadata.generation };
    const at = this.#ports.now().toISOString();
    const status: AuditPolicyStatus = {
      ...of,
      conditions: [...setCondition(before?.conditions, { type: 'Ready', ...verdict, ...of }, at)],
      sinks,
    };
    if (isDeepStrictEqual(status, before)) return;
    const options = { subresource: 'status', fieldManager: FIELD_MANAGER, signal };
    await this.#ports.client.mergePatch(RESOURCES.auditPolicies, undefined, metadata.name, { status }, options);
  }
}

type SinkStatus = NonNullable<AuditPolicyStatus['sinks']>[number];

function verdictOf(sinks: readonly SinkStatus[]): Pick<Condition, 'status' | 'reason' | 'message'> {
  const failing = sinks.filter(({ problem }) => problem !== undefined);
  if (failing.length === 0)
    return { status: 'True', reason: 'Delivering', message: 'the rules are in force, and every sink takes the events' };
  const message = failing.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
  return { status: 'False', reason: 'AuditSinkFailed', message };
}

const nameOf = ({ metadata }: AuditPolicy, sink: AuditSink): string => `${metadata.name}/${sink.name}`;

async function end({ stop, ended }: Running): Promise<void> {
  stop.abort();
  await ended;
}
