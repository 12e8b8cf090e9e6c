// Where the desktop of a session answers, its password and its certificate. With the gateway's own rights: no person may read either.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type DesktopTls, desktopTlsOf } from '../stream/desktop/desktop-tls.ts';
import type { SessionJson } from './kinds-json.ts';
import { phaseInWords } from './phase-words.ts';

export interface Desktop {
  readonly host: string;
  readonly port: number;
  /** VncAuth uses its first 8 bytes (RFC 6143, 7.2.2). */
  readonly password: string;
  /** Left out: the template wants none, or the session is of before there was any. */
  readonly tls?: DesktopTls;
  /** As it was read now: another one may have the same name later. */
  readonly session: SessionJson;
}

export type DesktopOf = (namespace: string, name: string, signal?: AbortSignal) => Promise<Desktop>;

type SecretJson = KubeObjectJson & { readonly data?: Readonly<Record<string, string>> };

type SessionStatus = NonNullable<SessionJson['status']>;

export interface RunningSession {
  /** As it was read now: another one may have the same name later. */
  readonly session: SessionJson;
  readonly status: SessionStatus & { readonly endpoint: NonNullable<SessionStatus['endpoint']> };
}

/** Rejects with `NotFound`, `SessionTerminated`, or `SessionNotRunning` with the phase in words. */
export async function runningSession(
  client: KubeClient,
  namespace: string,
  name: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<RunningSession> {
  const session = await client.find<SessionJson>(RESOURCES.sessions, namespace, name, options);
  if (session === undefined) throw new StreamSpaceError('NotFound', `there is no session ${namespace}/${name}`);
  const { status } = session;
  if (status?.phase === 'Terminated' || status?.phase === 'Terminating' || session.spec.desiredState === 'Terminated')
    throw new StreamSpaceError(
      'SessionTerminated',
      `session ${namespace}/${name} ${phaseInWords({ ...status, phase: 'Terminated' })}`,
    );
  const { endpoint } = status ?? {};
  if (status?.phase !== 'Running' || endpoint === undefined)
    throw new StreamSpaceError('SessionNotRunning', `session ${namespace}/${name} ${phaseInWords(status)}`);
  return { session, status: { ...status, endpoint } };
}

/** Rejects as {@link runningSession}. */
export function createDesktopOf(client: KubeClient): DesktopOf {
  return async (namespace, name, signal) => {
    const options = signal === undefined ? {} : { signal };
    const { session, status } = await runningSession(client, namespace, name, options);
    const { host, port, passwordSecret } = status.endpoint;
    const secret = await client.find<SecretJson>(RESOURCES.secrets, namespace, passwordSecret, options);
    const password = secret?.data?.['password'];
    if (password === undefined)
      throw new StreamSpaceError('SessionNotRunning', `session ${namespace}/${name} is restarting: its password is being made`);
    const certificate = secret?.data?.['tls.crt'];
    const tls = desktopTlsOf(status.endpoint.tls, certificate === undefined ? undefined : textOf(certificate));
    return { host, port, password: textOf(password), ...(tls === undefined ? {} : { tls }), session };
  };
}

function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
