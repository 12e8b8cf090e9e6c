// Writes `status.effectivePolicy` of a Session and nothing else of it, under a field manager of its own: the rest of the status
// is the Session reconciler's, which waits for pods and probes, and a change of one policy has to be in force in hundreds of
// sessions within two seconds. So it reads nothing but the caches, and writes only where something differs.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { DlpPolicy } from '../../../schemas/kinds/policies/dlp-policy.ts';
import type { EffectivePolicy } from '../../../schemas/kinds/policies/effective-policy.ts';
import type { NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import type { RecordingPolicy } from '../../../schemas/kinds/policies/recording-policy.ts';
import type { SessionPolicy } from '../../../schemas/kinds/policies/session-policy.ts';
import type { Quota } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { LABELS, POLICY_FIELD_MANAGER } from '../../../schemas/names.ts';
import { limitsDuration, nextEndMs, placesOf } from '../../../schemas/quota/places.ts';
import { effectivePolicyOf } from '../../policies/effective-policy.ts';
import type { QuotaDuration } from '../../policies/merge-lifetime.ts';
import type { TargetedPolicy } from '../../policies/merging.ts';
import {
  type Labelled,
  networkLabel,
  type SessionNetwork,
  sessionNetwork,
  teamOfNamespace,
} from '../../policies/network/session-network.ts';
import { gitSyncOf, revisionOf } from '../../policies/revision.ts';
import type { TargetExpressions } from '../../policies/target-expressions.ts';
import { appliesTo, type Scene } from '../../policies/targets.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import { resolveTemplate, templatePlaces } from '../template/ref.ts';
import type { PolicyKind } from '../wake-policies.ts';
import type { CacheOfAll } from '../wanted.ts';

export interface EffectivePolicyPorts {
  readonly client: Pick<KubeClient, 'apply' | 'find'>;
  readonly cache: CacheOfAll;
  /** Shared with the reconcilers of the policies, which tell of those that cannot be used. */
  readonly expressions: TargetExpressions;
  /** The expression of this policy turned out not to be usable. */
  readonly onBroken: (kind: PolicyKind, policy: ObjectKey) => void;
  readonly now: () => Date;
}

/** A window of a policy is waited for in steps: timers are short, and a clock may be set. */
const MAX_WAIT_MS = 3_600_000;

export function createEffectivePolicyReconciler(ports: EffectivePolicyPorts): Reconciler {
  return new EffectivePolicyReconciler(ports);
}

class EffectivePolicyReconciler implements Reconciler {
  readonly kind = 'EffectivePolicy';
  readonly #ports: EffectivePolicyPorts;

  constructor(ports: EffectivePolicyPorts) {
    this.#ports = ports;
  }

  async reconcile({ namespace, name }: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { cache, client, now } = this.#ports;
    const session = cache.find<Session>(RESOURCES.sessions, namespace, name);
    if (session === undefined || session.status?.phase === 'Terminated') return {};
    const scene = await this.#sceneOf(session);
    const dlp = [...cache.all<DlpPolicy>(RESOURCES.dlpPolicies)].filter((each) => this.#applies('DlpPolicy', each, scene));
    const recording = [...cache.all<RecordingPolicy>(RESOURCES.recordingPolicies)].filter((each) =>
      this.#applies('RecordingPolicy', each, scene),
    );
    const policies = [...cache.all<SessionPolicy>(RESOURCES.sessionPolicies)];
    const limits = policies.filter((each) => this.#applies('SessionPolicy', each, scene));
    const at = now();
    const { durations, nextEnd } = durationsOf(cache, session, scene, at);
    const applying = { dlp, recording, session: limits, network: networkOf(cache, session, scene), durations };
    const before = session.status?.effectivePolicy;
    const revisionOf = (policy: TargetedPolicy): string | undefined => this.#revisionOf(policy, before);
    const { policy: effective, nextChangeAt } = effectivePolicyOf(applying, revisionOf, at);
    const changes = [nextChangeAt?.getTime(), nextEnd].filter((each) => each !== undefined);
    const again = changes.length === 0 ? {} : { requeueAfterMs: Math.min(Math.min(...changes) - at.getTime(), MAX_WAIT_MS) };
    if (isDeepStrictEqual(effective, before)) return again;
    const own = before === undefined ? {} : { effectivePolicy: before };
    const wanted = { effectivePolicy: effective };
    await saveStatus(client, RESOURCES.sessions, { ...session, status: own }, wanted, signal, POLICY_FIELD_MANAGER);
    return again;
  }

  async #sceneOf(session: Session): Promise<Scene> {
    const { cache } = this.#ports;
    const { namespace = '' } = session.metadata;
    const find = (place: { readonly namespace: string; readonly name: string }): Template | undefined =>
      cache.find<Template>(RESOURCES.templates, place.namespace, place.name);
    const now = await resolveTemplate(session.spec.template, namespace, async (place) => find(place));
    const ref = session.status?.templateRef;
    const started = ref === undefined ? undefined : find(ref);
    const named = now === undefined ? templatePlaces(session.spec.template, namespace) : [placeOf(now)];
    return {
      session,
      team: cache.find<KubeObjectJson>(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team],
      templateNames: ref === undefined ? named : [...named, ref],
      templates: [...new Set([now, started])].filter((template) => template !== undefined),
    };
  }

  #applies(kind: PolicyKind, policy: TargetedPolicy, scene: Scene): boolean {
    const { expressions, onBroken } = this.#ports;
    const { cel } = policy.spec.targets ?? {};
    if (cel === undefined) return appliesTo(policy, scene, expressions);
    const before = expressions.problem(cel);
    const applies = appliesTo(policy, scene, expressions);
    const { namespace = '', name } = policy.metadata;
    if (before === undefined && expressions.problem(cel) !== undefined) onBroken(kind, { namespace, name });
    return applies;
  }

  /** Once it is told it stays, as long as the policy does: a later commit that leaves the policy as it is, is no news. */
  #revisionOf(policy: TargetedPolicy, before: EffectivePolicy | undefined): string | undefined {
    const { uid, generation } = policy.metadata;
    const known = before?.policies.find((each) => each.uid === uid && each.generation === generation)?.revision;
    const place = known === undefined ? gitSyncOf(policy) : undefined;
    if (place === undefined) return known;
    return revisionOf(policy, this.#ports.cache.find<GitSync>(RESOURCES.gitSyncs, place.namespace, place.name));
  }
}

/** The template that it was started with counts; before its start, the one that it would have. */
function durationsOf(
  cache: CacheOfAll,
  { metadata: { namespace = '' }, spec: { owner }, status }: Session,
  { team, templates }: Scene,
  at: Date,
): { readonly durations: readonly QuotaDuration[]; readonly nextEnd: number | undefined } {
  const quotas = [...cache.all<Quota>(RESOURCES.quotas)].filter(limitsDuration);
  const [template] = templates;
  const ref = status?.templateRef ?? (template === undefined ? undefined : placeOf(template));
  const counted = { namespace, team, owner, template: ref === undefined ? '' : `${ref.namespace}/${ref.name}` };
  const durations = placesOf(quotas, counted, at.getTime()).flatMap(({ quota, maxSeconds }) =>
    maxSeconds === undefined ? [] : [{ quota, seconds: maxSeconds }],
  );
  return { durations, nextEnd: nextEndMs(quotas, at.getTime()) };
}

/** What the desktop was started with counts; before its start, what its template says now. */
function networkOf(cache: CacheOfAll, { metadata: { namespace = '', name } }: Session, scene: Scene): SessionNetwork | undefined {
  const team = teamOfNamespace(cache, namespace);
  const started = cache.find<Labelled>(RESOURCES.statefulSets, namespace, name);
  const named = started === undefined ? scene.templates[0]?.spec.network : networkLabel(started);
  return team === undefined ? undefined : sessionNetwork(team, cache.all<NetworkProfile>(RESOURCES.networkProfiles), named);
}

function placeOf({ metadata: { namespace = '', name } }: Template): { readonly namespace: string; readonly name: string } {
  return { namespace, name };
}
