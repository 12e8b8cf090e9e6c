// DlpPolicy and SessionPolicy: says whether it can be used, and how many sessions it is in force in. From the caches alone.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { DlpPolicy, DlpPolicyStatus } from '../../../schemas/kinds/dlp-policy.ts';
import { isRe2Pattern } from '../../../schemas/kinds/re2.ts';
import type { Session } from '../../../schemas/kinds/session.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { TargetExpressions } from '../../policies/target-expressions.ts';
import type { Targeted } from '../../policies/targets.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import type { CacheOfAll } from '../wanted.ts';

export interface DlpPolicyPorts {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly cache: CacheOfAll;
  readonly expressions: TargetExpressions;
  readonly now: () => Date;
}

export function createDlpPolicyReconciler(ports: DlpPolicyPorts): Reconciler {
  return new PolicyReconciler(ports, {
    kind: 'DlpPolicy',
    resource: RESOURCES.dlpPolicies,
    problems: (policy) => patternProblems(policy as DlpPolicy),
  });
}

/** Of the objects of the kind SessionPolicy; what they come to for a session is another's (session-policy/). */
export function createSessionPolicyStatusReconciler(ports: DlpPolicyPorts): Reconciler {
  return new PolicyReconciler(ports, {
    kind: 'SessionPolicyStatus',
    resource: RESOURCES.sessionPolicies,
    problems: () => [],
  });
}

/** Sessions begin and end all day: their number alone is told no more often than this. */
const COUNT_EVERY_MS = 1_000;

type AnyPolicy = Targeted & { readonly status?: DlpPolicyStatus };

interface PolicyKind {
  readonly kind: string;
  readonly resource: Resource;
  /** What of it cannot be used, besides its targets. */
  readonly problems: (policy: AnyPolicy) => readonly string[];
}

class PolicyReconciler implements Reconciler {
  readonly kind: string;
  readonly #of: PolicyKind;
  readonly #ports: DlpPolicyPorts;
  /** When a number was last told, by UID. */
  readonly #counted = new Map<string, number>();

  constructor(ports: DlpPolicyPorts, of: PolicyKind) {
    this.#ports = ports;
    this.#of = of;
    this.kind = of.kind;
  }

  async reconcile({ namespace, name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { cache, client, now } = this.#ports;
    const policy = cache.find<AnyPolicy>(this.#of.resource, namespace, name);
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
    await saveStatus(client, this.#of.resource, policy, wanted, signal);
    return later ? { requeueAfterMs: waitMs } : {};
  }

  #statusOf(policy: AnyPolicy, sessions: number): DlpPolicyStatus {
    const { generation } = policy.metadata;
    const ready = { type: 'Ready', ...this.#judge(policy), observedGeneration: generation } as const;
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      conditions: [...setCondition(policy.status?.conditions, ready, this.#ports.now().toISOString())],
      sessions,
    };
  }

  #judge(policy: AnyPolicy): {
    readonly status: 'True' | 'False';
    readonly reason: 'Accepted' | ErrorCode;
    readonly message: string;
  } {
    const problems = [...this.#of.problems(policy), ...this.#targetProblems(policy)];
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

  #targetProblems({ spec }: AnyPolicy): readonly string[] {
    const { cel } = spec.targets ?? {};
    const problem = cel === undefined ? undefined : this.#ports.expressions.problem(cel);
    return problem === undefined ? [] : [`targets.cel: ${problem}; the policy applies to every session that it reaches`];
  }

  #forgetGone(): void {
    const there = new Set([...this.#ports.cache.all<AnyPolicy>(this.#of.resource)].map(({ metadata }) => metadata.uid));
    for (const uid of this.#counted.keys()) if (!there.has(uid)) this.#counted.delete(uid);
  }
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

/** By what stands in the sessions: what is in force, not what is meant to be. */
function sessionsUnder(sessions: Iterable<Session>, uid: string): number {
  let count = 0;
  for (const { status } of sessions)
    if (status?.phase !== 'Terminated' && status?.effectivePolicy?.policies.some((policy) => policy.uid === uid) === true)
      count += 1;
  return count;
}
