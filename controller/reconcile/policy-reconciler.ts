// A policy of any kind: says whether it can be used, and how many sessions it is in force in. From the caches alone.
import { setCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { KubeObject } from '../../schemas/kinds/kind.ts';
import type { PolicyStatus, PolicyTargets } from '../../schemas/kinds/policies/policy.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import type { TargetExpressions } from '../policies/target-expressions.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from './contract.ts';
import { saveStatus } from './save-status.ts';
import type { CacheOfAll } from './wanted.ts';

export interface PolicyPorts {
  readonly client: Pick<KubeClient, 'apply' | 'find'>;
  readonly cache: CacheOfAll;
  readonly expressions: TargetExpressions;
  readonly now: () => Date;
}

type Policy = KubeObject<{ readonly targets?: PolicyTargets }, PolicyStatus>;

/** Sessions begin and end all day: their number alone is told no more often than this. */
const COUNT_EVERY_MS = 1_000;

export class PolicyReconciler<P extends Policy> implements Reconciler {
  readonly kind: string;
  readonly #ports: PolicyPorts;
  readonly #resource: Resource;
  readonly #problemsOf: (policy: P) => readonly string[];
  /** When a number was last told, by UID. */
  readonly #counted = new Map<string, number>();

  /** @param problemsOf what of its rules cannot be used, in words. */
  constructor(ports: PolicyPorts, resource: Resource, problemsOf: (policy: P) => readonly string[]) {
    this.kind = resource.kind;
    this.#ports = ports;
    this.#resource = resource;
    this.#problemsOf = problemsOf;
  }

  async reconcile({ namespace, name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { cache, client, now } = this.#ports;
    const policy = cache.find<P>(this.#resource, namespace, name);
    if (policy === undefined) {
      this.#forgetGone();
      return {};
    }
    const { uid = '' } = policy.metadata;
    const told = policy.status?.sessions;
    const status = this.#statusOf(policy, told ?? 0);
    const sessions = sessionsUnder(cache.all<Session>(RESOURCES.sessions), uid);
    const waitMs = (this.#counted.get(uid) ?? 0) + COUNT_EVERY_MS - now().getTime();
    const later = sessions !== told && told !== undefined && waitMs > 0;
    if (!later && sessions !== told) this.#counted.set(uid, now().getTime());
    const wanted = later ? status : { ...status, sessions };
    await saveStatus(client, this.#resource, policy, wanted, signal);
    return later ? { requeueAfterMs: waitMs } : {};
  }

  #statusOf(policy: P, sessions: number): PolicyStatus {
    const { generation } = policy.metadata;
    const ready = { type: 'Ready', ...this.#judge(policy), observedGeneration: generation } as const;
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      conditions: [...setCondition(policy.status?.conditions, ready, this.#ports.now().toISOString())],
      sessions,
    };
  }

  #judge(policy: P): {
    readonly status: 'True' | 'False';
    readonly reason: 'Accepted' | ErrorCode;
    readonly message: string;
  } {
    const problems = [...this.#problemsOf(policy), ...this.#targetProblems(policy)];
    if (problems.length > 0) return { status: 'False', reason: 'PolicyInvalid', message: problems.join('; ').slice(0, 4_096) };
    const { namespace = '' } = policy.metadata;
    if (namespace === SYSTEM_NAMESPACE || this.#isOfTeam(namespace))
      return { status: 'True', reason: 'Accepted', message: 'it applies to the sessions that it names' };
    const message = `namespace ${namespace} is neither ${SYSTEM_NAMESPACE} nor that of a team: no desktop runs there`;
    return { status: 'False', reason: 'PolicyUnreached', message };
  }

  #isOfTeam(namespace: string): boolean {
    const found = this.#ports.cache.find<KubeObjectJson>(RESOURCES.namespaces, undefined, namespace);
    return found?.metadata.labels?.[LABELS.team] !== undefined;
  }

  #targetProblems({ spec }: P): readonly string[] {
    const { cel } = spec.targets ?? {};
    const problem = cel === undefined ? undefined : this.#ports.expressions.problem(cel);
    return problem === undefined ? [] : [`targets.cel: ${problem}; the policy applies to every session that it reaches`];
  }

  #forgetGone(): void {
    const there = new Set([...this.#ports.cache.all<P>(this.#resource)].map(({ metadata }) => metadata.uid));
    for (const uid of this.#counted.keys()) if (!there.has(uid)) this.#counted.delete(uid);
  }
}

/** By what stands in the sessions: what is in force, not what is meant to be. */
function sessionsUnder(sessions: Iterable<Session>, uid: string): number {
  let count = 0;
  for (const { status } of sessions)
    if (status?.phase !== 'Terminated' && status?.effectivePolicy?.policies.some((policy) => policy.uid === uid) === true)
      count += 1;
  return count;
}
