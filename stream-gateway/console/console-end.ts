// Why a console could not begin, or ended, in our codes: what the API server and the container say is turned into them here.
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { DESKTOP_CONTAINER } from '../../schemas/names.ts';

type PodJson = KubeObjectJson & {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly containerID?: string;
      readonly state?: { readonly running?: object };
    }[];
  };
};

export interface ContainerOf {
  readonly client: Pick<KubeClient, 'find'>;
  readonly namespace: string;
  readonly pod: string;
}

/** How long the cluster may take to notice that a container has stopped. */
const NOTICE_MS = 5_000;
const LOOK_EVERY_MS = 250;
/** Above it a shell was ended by a signal, which a container that stops does to it. */
const FIRST_SIGNAL_CODE = 128;

/** The id of the container that runs now. Undefined: none does. */
export async function runningContainer({ client, namespace, pod }: ContainerOf): Promise<string | undefined> {
  const found = await client.find<PodJson>(RESOURCES.pods, namespace, pod);
  const status = found?.status?.containerStatuses?.find(({ name }) => name === DESKTOP_CONTAINER);
  return status?.state?.running === undefined ? undefined : status.containerID;
}

/**
 * Of a shell that ended: its exit code, or that its container has stopped.
 * @param signal aborted when it is we who end it
 */
export async function shellEnd(
  ended: Promise<number>,
  container: ContainerOf,
  before: string | undefined,
  signal: AbortSignal,
): Promise<number | StreamSpaceError> {
  const result = await ended.catch(consoleErrorOf);
  if (typeof result === 'number' && result <= FIRST_SIGNAL_CODE) return result;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(NOTICE_MS)]);
  while (!patience.aborted) {
    const now = await runningContainer(container).catch(() => before);
    if (now !== before)
      return new StreamSpaceError(
        'ContainerStopped',
        `the container of the session has ${now === undefined ? 'stopped' : 'started anew'}`,
      );
    await delay(LOOK_EVERY_MS, patience).catch(() => undefined);
  }
  return result;
}

export function consoleErrorOf(error: unknown): StreamSpaceError {
  if (error instanceof StreamSpaceError) return error;
  if (!(error instanceof KubeStatusError))
    return new StreamSpaceError('Internal', 'something went wrong inside the gateway', { cause: error });
  const as = (code: 'ContainerNotFound' | 'DesktopToolsMissing' | 'ClusterRequestFailed', message: string) =>
    new StreamSpaceError(code, message, { cause: error });
  if (/executable file not found|no such file or directory/i.test(error.message))
    return as('DesktopToolsMissing', 'the image of the session has no shell');
  if (error.statusCode === 404 || /container not found|container .* is not valid|not found/i.test(error.message))
    return as('ContainerNotFound', 'the container of the session is not there');
  return as('ClusterRequestFailed', `the cluster answered with status ${error.statusCode}`);
}
