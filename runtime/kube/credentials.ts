// Bearer tokens that change while we run: a file the kubelet rotates, or a plugin that is asked for one
// (client.authentication.k8s.io). Both are cached, so a request costs no read.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { StreamSpaceError } from '../../schemas/errors.ts';

/** The bearer token of the next request; `undefined` where the connection's certificate is the credential. */
export type TokenSource = () => Promise<string | undefined>;

export function fixedToken(token: string | undefined): TokenSource {
  return async () => token;
}

const CHECK_EVERY_MS = 5_000;

/** Looks at the file's modification time at most every 5 s and reads it again when it changed. */
export function tokenFromFile(path: string, now: () => number): TokenSource {
  let token: string | undefined;
  let modified = -1;
  let checked = Number.NEGATIVE_INFINITY;
  return async () => {
    if (token !== undefined && now() - checked < CHECK_EVERY_MS) return token;
    try {
      const { mtimeMs } = await stat(path);
      if (token === undefined || mtimeMs !== modified) token = (await readFile(path, 'utf8')).trim();
      modified = mtimeMs;
      checked = now();
      return token;
    } catch (error) {
      // A file that is being replaced may be gone for a moment: the old token still serves.
      if (token !== undefined) return token;
      throw new StreamSpaceError('SettingInvalid', `the token file ${path} cannot be read`, { cause: error });
    }
  };
}

export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
}

interface ExecCredential {
  readonly status?: { readonly token?: unknown; readonly expirationTimestamp?: unknown };
}

/** Runs the plugin, keeps its token until 30 s before it expires; several callers share one run. */
export function tokenFromPlugin(plugin: ExecPlugin, now: () => number): TokenSource {
  let running: Promise<string> | undefined;
  let expiresAt = Number.NEGATIVE_INFINITY;
  const run = async (): Promise<string> => {
    const info = JSON.stringify({ apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
    const { stdout } = await promisify(execFile)(plugin.command, [...plugin.args], {
      env: { ...plugin.env, KUBERNETES_EXEC_INFO: info },
      timeout: 30_000,
      maxBuffer: 1024 * 1024,
    });
    const credential: ExecCredential = JSON.parse(stdout);
    const token = credential.status?.token;
    if (typeof token !== 'string' || token === '')
      throw new Error('it gave no token (client certificates from plugins are not supported)');
    const expires = credential.status?.expirationTimestamp;
    expiresAt = typeof expires === 'string' ? Date.parse(expires) - 30_000 : Number.POSITIVE_INFINITY;
    return token;
  };
  return () => {
    if (running !== undefined && now() < expiresAt) return running;
    expiresAt = Number.POSITIVE_INFINITY;
    running = run().catch((error: unknown) => {
      expiresAt = Number.NEGATIVE_INFINITY;
      throw new StreamSpaceError('ClusterUnreachable', `the credential plugin ${plugin.command} failed`, { cause: error });
    });
    return running;
  };
}
