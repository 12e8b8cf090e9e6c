// Session: brings one desktop of one person to what is wanted of it, and says how far it is. Everything is made in the
// session's own namespace with an owner reference, so that the garbage collection of the cluster takes it away with the
// session, also while no controller runs. A finalizer it has only where a Quota limits CPU hours: what it used is written down first.
import type { RecordAudit } from '../../../runtime/audit/record-audit.ts';
import type { EventRecorder } from '../../../runtime/kube/events.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Session, SessionStatus } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { LABELS } from '../../../schemas/names.ts';
import { DEFAULT_DENY_POLICY } from '../../policies/network/render.ts';
import { startingDns } from '../../policies/network/session-network.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { failureOf, saveStatus, withSaved } from '../save-status.ts';
import { resolveTemplate } from '../template/ref.ts';
import { type CacheOfAll, type Ensured, ensure, type Wanted } from '../wanted.ts';
import { Admission, type AdmissionPorts } from './admission.ts';
import { auditOfPhase } from './audit-phase.ts';
import { childOf, ownershipOf, podOf, removeForGood, replaceOutdatedPod, statefulSetOf, stopDesktop } from './children.ts';
import {
  desktopObjects,
  homeName,
  isSessionName,
  ownerObjects,
  passwordName,
  SESSION_NAME_MAX,
  storedObjects,
} from './objects.ts';
import { podDns } from './pod.ts';
import type { ProbeDesktop } from './probe-desktop.ts';
import { newDesktopSecret } from './secret.ts';
import { priorityIn } from './session-priority.ts';
import { observedStatus, ownStatus, templateRefOf } from './status.ts';
import { closeForGood, keptForLedger } from './usage-kept.ts';
import {
  type ClaimView,
  type Observation,
  observeStart,
  type PodView,
  portOf,
  runningContainer,
  type SessionEndpoint,
  tlsOf,
} from './world.ts';

/** The admission's words when a StatefulSet could not make its pod, with the time they were last said. */
export interface PodRefusal {
  readonly message: string;
  readonly at: Date;
}

export interface SessionPorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'apply' | 'mergePatch' | 'delete'>;
  readonly cache: CacheOfAll;
  readonly events: EventRecorder;
  readonly audit: RecordAudit;
  readonly probe: ProbeDesktop;
  readonly refusalOf: (statefulSetUid: string) => PodRefusal | undefined;
  readonly admitter: AdmissionPorts['admitter'];
  readonly now: () => Date;
  /** By what runs are measured: it never jumps. Default: `now`. */
  readonly meter?: () => Date;
}

export function createSessionReconciler(ports: SessionPorts): Reconciler {
  return new SessionReconciler(ports);
}

/** How soon to look whether what an earlier session of this name left is gone; its end is an event too. */
const PREDECESSOR_MS = 1_000;

class SessionReconciler implements Reconciler {
  readonly kind = 'Session';
  readonly #ports: SessionPorts;
  /** The run of the container that answered, by session. A process that restarts asks each once more. */
  readonly #answered = new Map<string, string>();
  readonly #admission: Admission;
  readonly #meter: () => Date;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    const { admitter, cache, now, meter = now } = ports;
    this.#meter = meter;
    this.#admission = new Admission({ admitter, cache, now, meter, save: (...status) => this.#save(...status) });
  }

  async reconcile(key: ObjectKey, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const found = await this.#ports.client.find<Session>(RESOURCES.sessions, key.namespace, key.name, { signal });
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) {
      this.#answered.delete(idOf(key));
      this.#admission.forget(idOf(key));
      if (found !== undefined) await closeForGood(this.#ports, found, this.#meter(), signal);
      return {};
    }
    try {
      if (!isSessionName(key.name)) throw nameInvalid(key.name);
      const session = await keptForLedger(this.#ports, found, signal);
      if (session === undefined) return {};
      switch (session.spec.desiredState ?? 'Running') {
        case 'Running':
          return await this.#run(session, signal);
        case 'Hibernated':
          return await this.#hibernate(session, signal);
        case 'Terminated':
          return await this.#terminate(session, signal);
      }
    } catch (error) {
      if (!signal.aborted) await this.#saveFailure(key, error, signal);
      throw error;
    }
  }

  async #run(session: Session, signal: AbortSignal): Promise<ReconcileResult> {
    this.#requireTeam(session);
    const before = await statefulSetOf(this.#ports, session, signal);
    const asked = before?.spec.replicas === 1;
    // While somebody may sit at it, the desktop stays what it was when it started, whatever becomes of its template.
    const settled = asked && hasStage(session, 'Answering');
    const template = settled ? undefined : await this.#resolve(session, signal);
    if (template === undefined && !asked) throw templateNotFound(session);

    const admission = await this.#admission.ask(session, { asked, template }, signal);
    if ('lookAgainMs' in admission) return { requeueAfterMs: admission.lookAgainMs };
    const current = admission.session;
    const waiting = await this.#ensureObjects(current, admission.template, signal);
    if (waiting !== undefined) return await this.#waitFor(current, waiting, signal);
    return await this.#observe(current, admission.template, signal);
  }

  async #hibernate(session: Session, signal: AbortSignal): Promise<ReconcileResult> {
    this.#admission.notAsked(session);
    await this.#ensureInOrder(session, ownerObjects(session), signal);
    const stopped = await stopDesktop(this.#ports, session, signal);
    await this.#saveObserved(session, { phase: stopped ? 'Hibernated' : 'Hibernating', reached: [] }, signal);
    return {};
  }

  async #terminate(session: Session, signal: AbortSignal): Promise<ReconcileResult> {
    this.#admission.notAsked(session);
    if (session.status?.phase === 'Terminated') return {};
    const gone = await removeForGood(this.#ports, session, signal);
    await this.#saveObserved(session, { phase: gone ? 'Terminated' : 'Terminating', reached: [] }, signal);
    if (gone) this.#answered.delete(idOf(session.metadata));
    return {};
  }

  /** @returns an object of the same name that has to go first */
  async #ensureObjects(
    session: Session,
    template: Template | undefined,
    signal: AbortSignal,
  ): Promise<KubeObjectJson | undefined> {
    const newSecret = async () => await newDesktopSecret(session.metadata.name, this.#ports.now());
    const stored = template === undefined ? [] : storedObjects(session, template, newSecret);
    const [ofOwner, ofDesktop] = await Promise.all([
      this.#ensureInOrder(session, ownerObjects(session), signal),
      this.#ensureAll(session, stored, signal),
    ]);
    const waiting = ofOwner ?? ofDesktop;
    if (waiting !== undefined || template === undefined) return waiting;
    return await this.#ensureAll(
      session,
      desktopObjects(session, template, {
        replicas: 1,
        dns: podDns(startingDns(this.#ports.cache, session, template)),
        priority: priorityIn(this.#ports.cache, session, template),
      }),
      signal,
    );
  }

  /** The API server takes no RoleBinding of a Role that it cannot look up: it has to see that nothing is granted beyond our own. */
  async #ensureInOrder(session: Session, all: readonly Wanted[], signal: AbortSignal): Promise<KubeObjectJson | undefined> {
    for (const wanted of all) {
      const waiting = await this.#ensureAll(session, [wanted], signal);
      if (waiting !== undefined) return waiting;
    }
    return undefined;
  }

  /** Side by side: they do not depend on each other, and each costs two round trips. */
  async #ensureAll(session: Session, all: readonly Wanted[], signal: AbortSignal): Promise<KubeObjectJson | undefined> {
    const results: readonly Ensured[] = await Promise.all(
      all.map((wanted) => ensure(this.#ports, wanted, (object) => ownershipOf(session, object), signal)),
    );
    return results.find(({ result }) => result === 'waiting')?.object;
  }

  async #waitFor(session: Session, object: KubeObjectJson, signal: AbortSignal): Promise<ReconcileResult> {
    const message = `${object.kind} ${object.metadata.name} of before is still going`;
    await this.#saveObserved(session, { phase: 'Starting', message, reached: [] }, signal);
    return { requeueAfterMs: PREDECESSOR_MS };
  }

  async #observe(session: Session, template: Template | undefined, signal: AbortSignal): Promise<ReconcileResult> {
    const { cache, client, refusalOf, now } = this.#ports;
    const statefulSet = await statefulSetOf(this.#ports, session, signal);
    if (statefulSet === undefined) return { requeueAfterMs: PREDECESSOR_MS };
    const pod = podOf(cache, session);
    const port = portOf(statefulSet);
    const answering = await this.#answers(session, pod, port, signal);
    const refusal = refusalOf(statefulSet.metadata.uid ?? '');
    // Event times are whole seconds. What was said before this start was about another one.
    const refused = refusal !== undefined && refusal.at.getTime() + 1000 >= Date.parse(session.status?.startedAt ?? '');
    const observation = observeStart({
      statefulSet,
      pod,
      claim: childOf<ClaimView>(cache, session, RESOURCES.persistentVolumeClaims, homeName(session.metadata.name)),
      refusal: refused ? refusal.message : undefined,
      answering,
      now: now(),
    });
    await this.#saveObserved(session, observation, signal, { port, tls: tlsOf(statefulSet), pod, template });
    if (observation.phase === 'Failed') await replaceOutdatedPod(client, statefulSet, pod, signal);
    return observation.lookAgainMs === undefined ? {} : { requeueAfterMs: observation.lookAgainMs };
  }

  /** Never asks a container twice that has answered: its end is an event. */
  async #answers(session: Session, pod: PodView | undefined, port: number, signal: AbortSignal): Promise<boolean> {
    const id = idOf(session.metadata);
    const container = runningContainer(pod);
    if (container === undefined) {
      this.#answered.delete(id);
      return false;
    }
    if (this.#answered.get(id) === container.run) return true;
    const answers = await this.#ports.probe(container.host, port, signal);
    if (answers) this.#answered.set(id, container.run);
    return answers;
  }

  /** A session runs only where everything else is denied: in the namespace of a team, with its policy in place. */
  #requireTeam(session: Session): void {
    const { namespace = '' } = session.metadata;
    const team = this.#ports.cache.find(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team];
    if (team === undefined) throw new StreamSpaceError('TeamNotReady', `namespace ${namespace} does not belong to a team`);
    if (this.#ports.cache.find(RESOURCES.networkPolicies, namespace, DEFAULT_DENY_POLICY) === undefined)
      throw new StreamSpaceError('TeamNotReady', `the network policies of team ${team} are not in place yet`);
  }

  async #resolve(session: Session, signal: AbortSignal): Promise<Template | undefined> {
    const { cache, client } = this.#ports;
    return await resolveTemplate(session.spec.template, session.metadata.namespace ?? '', async ({ namespace, name }) => {
      const cached = cache.find<Template>(RESOURCES.templates, namespace, name);
      return cached ?? (await client.find<Template>(RESOURCES.templates, namespace, name, { signal }));
    });
  }

  async #saveObserved(
    session: Session,
    observation: Observation,
    signal: AbortSignal,
    desktop?: Pick<SessionEndpoint, 'port' | 'tls'> & {
      readonly pod: PodView | undefined;
      readonly template: Template | undefined;
    },
  ): Promise<void> {
    const pod = desktop === undefined ? podOf(this.#ports.cache, session) : desktop.pod;
    const host = runningContainer(pod)?.host;
    const passwordSecret = passwordName(session.metadata.name);
    const tls = desktop?.tls === undefined ? {} : { tls: desktop.tls };
    const endpoint =
      host === undefined || desktop === undefined ? undefined : { host, port: desktop.port, passwordSecret, ...tls };
    const seen = { now: this.#ports.now(), meter: this.#meter(), observation, pod: pod?.metadata.name, endpoint };
    const ref = desktop?.template === undefined ? undefined : templateRefOf(desktop.template);
    await this.#save(session, observedStatus(session, seen, ref), signal);
  }

  /** On the status as it is now: this call may have written one already. */
  async #saveFailure(key: ObjectKey, error: unknown, signal: AbortSignal): Promise<void> {
    const failure = failureOf(error);
    if (failure === undefined) return;
    const session = await this.#ports.client.find<Session>(RESOURCES.sessions, key.namespace, key.name, { signal });
    if (session === undefined) return;
    this.#admission.notAsked(session);
    const phase = failure.code === 'TeamNotReady' ? 'Pending' : 'Failed';
    await this.#saveObserved(session, { phase, reason: failure.code, message: failure.message, reached: [] }, signal);
  }

  /** @returns the session as it is then; undefined: it is gone, and nobody has this status */
  async #save(session: Session, status: SessionStatus, signal: AbortSignal): Promise<Session | undefined> {
    const own = ownStatus(session.status);
    const saved = await saveStatus(this.#ports.client, RESOURCES.sessions, { ...session, status: own }, status, signal);
    if (saved.outcome === 'gone') return undefined;
    const { phase, reason, message } = status;
    if (saved.outcome === 'saved' && phase !== undefined && !(phase === own.phase && reason === own.reason)) {
      const { namespace, name, uid = '' } = session.metadata;
      const type = phase === 'Failed' ? 'Warning' : 'Normal';
      const text = { type, reason: reason ?? phase, message: message ?? `the session is ${phase}` } as const;
      this.#ports.events.record({ resource: RESOURCES.sessions, namespace, name, uid }, text);
      const audited = auditOfPhase(session, status);
      if (audited !== undefined) this.#ports.audit(audited);
    }
    return { ...withSaved(session, saved), status };
  }
}

function idOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace ?? ''}/${name}`;
}

function hasStage({ status }: Session, stage: string): boolean {
  return (status?.stages ?? []).some(({ name }) => name === stage);
}

function templateNotFound({ spec, metadata }: Session): StreamSpaceError {
  const where = spec.template.includes('/') ? '' : ` in ${metadata.namespace} or streamspace`;
  return new StreamSpaceError('TemplateNotFound', `there is no template "${spec.template}"${where} that this team may use`);
}

function nameInvalid(name: string): StreamSpaceError {
  const rule = `begins with a letter, has lower-case letters, digits and -, and at most ${SESSION_NAME_MAX} characters`;
  return new StreamSpaceError('RequestInvalid', `"${name}" cannot be the name of a session: it ${rule}`);
}
