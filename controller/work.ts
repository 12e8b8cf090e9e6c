// What the active controller does while it holds the Lease: watch, queue, reconcile Teams, Templates, Sessions and policies.
import type { RecordAudit } from '../runtime/audit/record-audit.ts';
import { steadyClock } from '../runtime/clock/steady-clock.ts';
import { createEventRecorder } from '../runtime/kube/events.ts';
import { RESOURCES } from '../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../runtime/kube/types.ts';
import type { Logger } from '../runtime/log/log.ts';
import type { AccessBinding } from '../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../schemas/kinds/access/access-role.ts';
import type { DlpPolicy } from '../schemas/kinds/policies/dlp-policy.ts';
import type { NetworkProfile } from '../schemas/kinds/policies/network-profile.ts';
import type { RecordingPolicy } from '../schemas/kinds/policies/recording-policy.ts';
import type { SessionPolicy } from '../schemas/kinds/policies/session-policy.ts';
import type { Quota } from '../schemas/kinds/quota.ts';
import type { Session } from '../schemas/kinds/sessions/session.ts';
import type { SessionShare } from '../schemas/kinds/sessions/session-share.ts';
import type { SignInPolicy } from '../schemas/kinds/sign-in/sign-in-policy.ts';
import type { Team } from '../schemas/kinds/team.ts';
import { CONTROLLER_FIELD_MANAGER } from '../schemas/names.ts';
import { TargetExpressions } from './policies/target-expressions.ts';
import { createAccessBindingReconciler } from './reconcile/access-binding/access-binding.ts';
import { createAccessRoleReconciler } from './reconcile/access-role/access-role.ts';
import type { ObjectKey } from './reconcile/contract.ts';
import { createDlpPolicyReconciler } from './reconcile/dlp-policy/dlp-policy.ts';
import type { WatchAge } from './reconcile/drift/drift-metrics.ts';
import { createEffectivePolicyReconciler } from './reconcile/effective-policy/effective-policy.ts';
import { createIdentityProviderReconciler } from './reconcile/identity-provider/identity-provider.ts';
import { createNetworkProfileReconciler } from './reconcile/network-profile/network-profile.ts';
import { startObjectCache, type WatchedCache } from './reconcile/object-cache.ts';
import { startWorkQueue, type WorkQueue } from './reconcile/queue/queue.ts';
import type { QueueMetrics } from './reconcile/queue/queue-metrics.ts';
import { createQuotaReconciler } from './reconcile/quota/quota.ts';
import { NO_QUOTA_METRICS, type QuotaMetrics } from './reconcile/quota/quota-metrics.ts';
import { quotaFigures } from './reconcile/quota/quota-world.ts';
import { createRecordingPolicyReconciler } from './reconcile/recording-policy/recording-policy.ts';
import { Admitter } from './reconcile/session/admitter.ts';
import { PodRefusals } from './reconcile/session/pod-refusals.ts';
import { type ProbeDesktop, probeDesktop } from './reconcile/session/probe-desktop.ts';
import { createSessionReconciler } from './reconcile/session/session.ts';
import { createSessionLifetimeReconciler } from './reconcile/session-lifetime/session-lifetime.ts';
import { createSessionPolicyReconciler } from './reconcile/session-policy/session-policy.ts';
import { createSessionShareReconciler } from './reconcile/session-share/session-share.ts';
import { createSignInPolicyReconciler } from './reconcile/sign-in-policy/sign-in-policy.ts';
import { createTeamReconciler } from './reconcile/team/team.ts';
import { createTemplateReconciler } from './reconcile/template/template.ts';
import { wokenBy } from './reconcile/wake.ts';
import type { Known, Woken } from './reconcile/woken.ts';

export interface WorkOptions {
  readonly client: KubeClient;
  readonly audit: RecordAudit;
  readonly log: Logger;
  readonly metrics: QueueMetrics;
  /** Default: they are told nobody. */
  readonly quotaMetrics?: QuotaMetrics;
  /** Shutdown or a lost Lease. */
  readonly signal: AbortSignal;
  /** All lists are read and work begins; `watches` gives how old each watch is. */
  readonly onWorking?: (watches: () => Iterable<WatchAge>) => void;
  /** Default: {@link probeDesktop}. */
  readonly probe?: ProbeDesktop;
}

type Kind = Exclude<Woken['kind'], 'GitSync'>;

/** Sessions mostly wait for the API server or a probe, so many of them go side by side. */
const CONCURRENCY: Readonly<Record<Kind, number>> = {
  Session: 32,
  EffectivePolicy: 32,
  SessionLifetime: 32,
  DlpPolicy: 4,
  RecordingPolicy: 4,
  SessionPolicy: 4,
  SignInPolicy: 2,
  NetworkProfile: 4,
  SessionShare: 8,
  Quota: 2,
  AccessRole: 4,
  AccessBinding: 8,
  IdentityProvider: 2,
  Team: 4,
  Template: 4,
};

/** Keeps everything as it is wanted until the signal; resolves when the last write is done. */
export async function reconcileUntilStopped(options: WorkOptions): Promise<void> {
  const { client, log, metrics, quotaMetrics = NO_QUOTA_METRICS, signal } = options;
  const refusals = new PodRefusals();
  const events = createEventRecorder({ client, component: CONTROLLER_FIELD_MANAGER, log });
  let queues: Readonly<Record<Kind, WorkQueue>> | undefined;
  const cache = startObjectCache({
    client,
    log,
    signal,
    onChange: (resource, object, before, gone) => {
      if (resource === RESOURCES.events) refusals.noted(object);
      // Until everything is known nothing is decided: a policy that was not listed yet would look like one that is missing.
      if (queues === undefined) return;
      // An end is news whatever it looked like before.
      wake(queues, wokenBy(resource, object, gone ? undefined : before, knownFrom(cache)));
    },
  });
  const now = (): Date => new Date();
  const meter = steadyClock();
  try {
    await cache.synced;
  } catch {
    await cache.ended;
    return;
  }
  const ports = { client, cache, events, audit: options.audit, now };
  const expressions = new TargetExpressions();
  const reconcilers = {
    Team: createTeamReconciler(ports),
    Template: createTemplateReconciler(ports),
    Session: createSessionReconciler({
      ...ports,
      meter,
      probe: options.probe ?? probeDesktop,
      refusalOf: (uid) => refusals.of(uid),
      // One for everybody: whoever leads decides alone.
      admitter: new Admitter({ cache, now, meter, metrics: quotaMetrics }),
    }),
    EffectivePolicy: createEffectivePolicyReconciler({
      ...{ client, cache, expressions, now },
      onBroken: (kind, policy) => queues?.[kind].add(policy),
    }),
    SessionLifetime: createSessionLifetimeReconciler(ports),
    DlpPolicy: createDlpPolicyReconciler({ client, cache, expressions, now }),
    RecordingPolicy: createRecordingPolicyReconciler({ client, cache, expressions, now }),
    SessionPolicy: createSessionPolicyReconciler({ client, cache, expressions, now }),
    SignInPolicy: createSignInPolicyReconciler({ client, cache, now }),
    NetworkProfile: createNetworkProfileReconciler({ client, cache, expressions, now }),
    SessionShare: createSessionShareReconciler({ client, cache, now }),
    Quota: createQuotaReconciler({ client, cache, events, now }),
    AccessRole: createAccessRoleReconciler({ client, cache, now }),
    AccessBinding: createAccessBindingReconciler(ports),
    IdentityProvider: createIdentityProviderReconciler({ client, cache, now }),
  };
  const queueOf = (kind: Kind): WorkQueue =>
    startWorkQueue({ reconciler: reconcilers[kind], concurrency: CONCURRENCY[kind], log, metrics, signal });
  queues = {
    Team: queueOf('Team'),
    Template: queueOf('Template'),
    Session: queueOf('Session'),
    EffectivePolicy: queueOf('EffectivePolicy'),
    SessionLifetime: queueOf('SessionLifetime'),
    DlpPolicy: queueOf('DlpPolicy'),
    RecordingPolicy: queueOf('RecordingPolicy'),
    SessionPolicy: queueOf('SessionPolicy'),
    SignInPolicy: queueOf('SignInPolicy'),
    NetworkProfile: queueOf('NetworkProfile'),
    SessionShare: queueOf('SessionShare'),
    Quota: queueOf('Quota'),
    AccessRole: queueOf('AccessRole'),
    AccessBinding: queueOf('AccessBinding'),
    IdentityProvider: queueOf('IdentityProvider'),
  };
  const kinds = [
    ['Team', RESOURCES.teams],
    ['Template', RESOURCES.templates],
    ['Session', RESOURCES.sessions],
    ['EffectivePolicy', RESOURCES.sessions],
    ['SessionLifetime', RESOURCES.sessions],
    ['DlpPolicy', RESOURCES.dlpPolicies],
    ['RecordingPolicy', RESOURCES.recordingPolicies],
    ['SessionPolicy', RESOURCES.sessionPolicies],
    ['SignInPolicy', RESOURCES.signInPolicies],
    ['NetworkProfile', RESOURCES.networkProfiles],
    ['SessionShare', RESOURCES.sessionShares],
    ['Quota', RESOURCES.quotas],
    ['AccessRole', RESOURCES.accessRoles],
    ['AccessBinding', RESOURCES.accessBindings],
    ['IdentityProvider', RESOURCES.identityProviders],
  ] as const;
  for (const [kind, resource] of kinds) wake(queues, everyOf(cache, kind, resource));
  quotaMetrics.readFrom(() => quotaFigures(cache));
  options.onWorking?.(() => cache.ages());
  await Promise.all([...Object.values(queues).map(({ ended }) => ended), cache.ended]);
  await events.flush();
}

function wake(queues: Readonly<Record<Kind, WorkQueue>>, woken: readonly Woken[]): void {
  for (const { kind, key } of woken) if (kind !== 'GitSync') queues[kind].add(key);
}

function everyOf(cache: WatchedCache, kind: Kind, resource: Resource): readonly Woken[] {
  return [...cache.all(resource)].map(({ metadata: { namespace, name } }: KubeObjectJson) => {
    const key: ObjectKey = namespace === undefined ? { name } : { namespace, name };
    return { kind, key };
  });
}

function knownFrom(cache: WatchedCache): Known {
  return {
    get sessions() {
      return cache.all<Session>(RESOURCES.sessions);
    },
    gitSyncs: [], // they are watched here for what they have applied; sync-work.ts wakes them, in every replica
    get dlpPolicies() {
      return cache.all<DlpPolicy>(RESOURCES.dlpPolicies);
    },
    get recordingPolicies() {
      return cache.all<RecordingPolicy>(RESOURCES.recordingPolicies);
    },
    get sessionPolicies() {
      return cache.all<SessionPolicy>(RESOURCES.sessionPolicies);
    },
    get signInPolicies() {
      return cache.all<SignInPolicy>(RESOURCES.signInPolicies);
    },
    get networkProfiles() {
      return cache.all<NetworkProfile>(RESOURCES.networkProfiles);
    },
    get shares() {
      return cache.all<SessionShare>(RESOURCES.sessionShares);
    },
    get quotas() {
      return cache.all<Quota>(RESOURCES.quotas);
    },
    get accessRoles() {
      return cache.all<AccessRole>(RESOURCES.accessRoles);
    },
    get accessBindings() {
      return cache.all<AccessBinding>(RESOURCES.accessBindings);
    },
    get teams() {
      return cache.all<Team>(RESOURCES.teams);
    },
  };
}
