// What a session's StatefulSet, pod and claim say, in the few fields that matter, and what follows for the session. Pure.

import type { ErrorCode } from '../../../schemas/errors.ts';
import type { ObjectMeta } from '../../../schemas/kinds/kind.ts';
import type { SessionPhase, SessionStage, SessionStatus } from '../../../schemas/kinds/sessions/session.ts';
import { desktopTls } from '../../../schemas/kinds/template.ts';
import { DESKTOP_CONTAINER } from '../../../schemas/names.ts';
import { TLS_VARIABLE } from './pod.ts';

export type SessionEndpoint = NonNullable<SessionStatus['endpoint']>;

export interface StatefulSetView {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly ports?: readonly { readonly containerPort: number }[];
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
  readonly status?: { readonly observedGeneration?: number; readonly replicas?: number; readonly updateRevision?: string };
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

export interface PodView {
  readonly metadata: ObjectMeta;
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface ClaimView {
  readonly metadata: ObjectMeta;
  readonly status?: { readonly phase?: string };
}

export interface SessionWorld {
  readonly statefulSet: StatefulSetView;
  readonly pod: PodView | undefined;
  readonly claim: ClaimView | undefined;
  /** Why the StatefulSet may not make its pod, in the words of the admission. */
  readonly refusal: string | undefined;
  /** This very container has answered. */
  readonly answering: boolean;
  readonly now: Date;
}

export interface Observation {
  readonly phase: SessionPhase;
  /** An error code, also while there is still hope (`Starting`). */
  readonly reason?: ErrorCode;
  readonly message?: string;
  /** The stages that are behind it. */
  readonly reached: readonly SessionStage['name'][];
  /** Time alone will change the answer: look again after this. */
  readonly lookAgainMs?: number;
}

/** The scheduler speaks before the volume is bound; only what lasts is a failure. */
const PLACEMENT_GRACE_MS = 10_000;
/** A desktop that does not answer for this long after its start has a fault. */
const ANSWER_GRACE_MS = 30_000;
/** Between two probes while it starts; connecting to a closed port costs nothing. */
const PROBE_EVERY_MS = 100;
const PROBE_SLOWLY_MS = 5_000;
const IMAGE_REASONS = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError']);
const CONTAINER_REASONS = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);

export function desktopStatus(pod: PodView): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === DESKTOP_CONTAINER);
}

/** The address of a container that runs, and a name for this very run of it. `undefined`: there is nothing to probe. */
export function runningContainer(pod: PodView | undefined): { readonly host: string; readonly run: string } | undefined {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
  const container = desktopStatus(pod);
  const host = pod.status?.podIP;
  if (container?.state?.running === undefined || host === undefined) return undefined;
  return { host, run: `${pod.metadata.uid}/${container.containerID ?? container.restartCount}` };
}

export function portOf(statefulSet: StatefulSetView): number {
  return statefulSet.spec.template.spec.containers[0]?.ports?.[0]?.containerPort ?? 5900;
}

/** What its desktop was told at its start; undefined: of before it was told anything. */
export function tlsOf(statefulSet: StatefulSetView): SessionEndpoint['tls'] {
  const told = statefulSet.spec.template.spec.containers[0]?.env?.find(({ name }) => name === TLS_VARIABLE)?.value;
  return desktopTls.options.find((mode) => mode === told);
}

/** What is so with a session that is wanted to run. */
export function observeStart(world: SessionWorld): Observation {
  const { pod, claim, refusal } = world;
  const bound: readonly SessionStage['name'][] = claim?.status?.phase === 'Bound' ? ['VolumeBound'] : [];
  if (pod === undefined)
    return refusal === undefined
      ? { phase: 'Starting', message: 'the pod is being made', reached: bound }
      : { phase: 'Failed', reason: 'PodRejected', message: refusal, reached: bound };
  if (pod.metadata.deletionTimestamp !== undefined)
    return { phase: 'Starting', message: 'the last pod is ending', reached: bound };
  if (pod.status?.phase === 'Failed') {
    const why = [pod.status.reason, pod.status.message].filter(Boolean).join(': ');
    return { phase: 'Starting', message: `the pod ended (${why || 'no reason given'}); another follows`, reached: bound };
  }
  const placed = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (placed?.status !== 'True') return unplaced(world, placed?.message, bound);
  return observeContainer(world, pod, [...bound, 'Scheduled']);
}

function unplaced(world: SessionWorld, message: string | undefined, reached: Observation['reached']): Observation {
  if (message === undefined) return { phase: 'Starting', message: 'a node is being chosen', reached };
  const forVolume = world.claim?.status?.phase !== 'Bound' && /volume/i.test(message);
  const reason = forVolume ? 'VolumePending' : 'Unschedulable';
  const leftMs = PLACEMENT_GRACE_MS - ageMs(world.pod?.metadata.creationTimestamp, world.now);
  if (leftMs <= 0) return { phase: 'Failed', reason, message, reached };
  return { phase: 'Starting', reason, message, reached, lookAgainMs: leftMs };
}

function observeContainer(world: SessionWorld, pod: PodView, reached: Observation['reached']): Observation {
  const container = desktopStatus(pod);
  const image = world.statefulSet.spec.template.spec.containers[0]?.image ?? '';
  const waiting = container?.state?.waiting;
  if (waiting?.reason !== undefined && IMAGE_REASONS.has(waiting.reason))
    return { phase: 'Failed', reason: 'ImageNotFound', message: imageMessage(image, waiting.message), reached };
  const withImage: Observation['reached'] = [...reached, 'ImageReady'];
  if (waiting?.reason !== undefined && CONTAINER_REASONS.has(waiting.reason)) {
    const message = `the node cannot start the container: ${waiting.message ?? waiting.reason}`;
    return { phase: 'Failed', reason: 'PodRejected', message, reached: withImage };
  }
  const ended = container?.state?.terminated ?? container?.lastState?.terminated;
  if (waiting?.reason === 'CrashLoopBackOff')
    return { phase: 'Failed', reason: 'DesktopCrashed', message: crashMessage(ended), reached: withImage };
  if (container?.state?.terminated !== undefined)
    return { phase: 'Starting', reason: 'DesktopCrashed', message: crashMessage(ended), reached: withImage };
  const running = container?.state?.running;
  if (running === undefined) return { phase: 'Starting', message: 'the container is being made', reached };
  return observeDesktop(world, running.startedAt, ended, [...withImage, 'Started']);
}

function observeDesktop(
  world: SessionWorld,
  startedAt: string,
  crash: Terminated | undefined,
  reached: Observation['reached'],
): Observation {
  if (world.answering) return { phase: 'Running', reached: [...reached, 'Answering'] };
  const port = portOf(world.statefulSet);
  if (ageMs(startedAt, world.now) > ANSWER_GRACE_MS) {
    const message = `the container runs, but no VNC server answers on port ${port}`;
    return { phase: 'Failed', reason: 'DesktopUnreachable', message, reached, lookAgainMs: PROBE_SLOWLY_MS };
  }
  if (crash !== undefined)
    return { phase: 'Starting', reason: 'DesktopCrashed', message: crashMessage(crash), reached, lookAgainMs: PROBE_EVERY_MS };
  const message = `waiting for the desktop to answer on port ${port}`;
  return { phase: 'Starting', message, reached, lookAgainMs: PROBE_EVERY_MS };
}

function imageMessage(image: string, words: string | undefined): string {
  // Such an image comes from no registry: the node has it or nobody has, and the kubelet's words only confuse.
  if (/^localhost\//.test(image)) return `image ${image} not found on any node`;
  return `image ${image} cannot be had: ${lastWords(words) ?? 'the node gave no reason'}`;
}

function crashMessage(ended: Terminated | undefined): string {
  if (ended === undefined) return 'the desktop ended and is started again';
  const reason = ended.reason === undefined || ended.reason === 'Error' ? '' : ` (${ended.reason})`;
  const words = lastWords(ended.message);
  return `the desktop ended with exit code ${ended.exitCode}${reason}${words === undefined ? '' : `: ${words}`}`;
}

/** The last line, cut to 300 characters. */
function lastWords(text: string | undefined): string | undefined {
  return text?.trim().split('\n').at(-1)?.trim().slice(0, 300) || undefined;
}

function ageMs(since: string | undefined, now: Date): number {
  return since === undefined ? 0 : now.getTime() - Date.parse(since);
}
