// A kubeconfig file as far as we use it: the current context's server, trust and credential. What we do not honour is
// refused by name, never silently left out: that would be another identity or a weaker connection than the file says.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { fixedToken, type TokenSource, tokenFromFile, tokenFromPlugin } from './credentials.ts';

/** In place of a path: the service account of the pod we run in. */
export const IN_CLUSTER = 'in-cluster';
const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ClusterTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path in front of every request, without a slash at the end; mostly empty. */
  readonly prefix: string;
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly servername: string | undefined;
  readonly insecure: boolean;
  readonly token: TokenSource;
}

const entry = z.looseObject({ name: z.string() });
const fileSchema = z.looseObject({
  'current-context': z.string().default(''),
  contexts: z.array(entry.extend({ context: z.looseObject({ cluster: z.string(), user: z.string() }) })).default([]),
  clusters: z
    .array(
      entry.extend({
        cluster: z.looseObject({
          server: z.url(),
          'certificate-authority': z.string().optional(),
          'certificate-authority-data': z.base64().optional(),
          'insecure-skip-tls-verify': z.boolean().default(false),
          'tls-server-name': z.string().optional(),
          'proxy-url': z.string().optional(),
        }),
      }),
    )
    .default([]),
  users: z
    .array(
      entry.extend({
        user: z
          .looseObject({
            'client-certificate': z.string().optional(),
            'client-certificate-data': z.base64().optional(),
            'client-key': z.string().optional(),
            'client-key-data': z.base64().optional(),
            token: z.string().optional(),
            tokenFile: z.string().optional(),
            exec: z
              .looseObject({
                command: z.string(),
                apiVersion: z.string(),
                args: z.array(z.string()).nullish(),
                env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
              })
              .nullish(),
          })
          .default({}),
      }),
    )
    .default([]),
});
const REFUSED_USER_FIELDS = ['username', 'password', 'auth-provider', 'as', 'as-uid', 'as-groups', 'as-user-extra'];

function refuse(path: string, what: string): never {
  throw new StreamSpaceError('SettingInvalid', `kubeconfig ${path}: ${what}`, { facts: { path } });
}

async function fileOrData(base: string, file: string | undefined, data: string | undefined): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined ? undefined : await readFile(resolve(base, file), 'utf8');
}

export interface KubeconfigOptions {
  /** A credential plugin may be run, with exactly this environment. Left out: a kubeconfig that names one is refused. */
  readonly execEnv?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

/** @throws StreamSpaceError `SettingInvalid` that names the file and the field */
export async function readKubeconfig(path: string, options: KubeconfigOptions = {}): Promise<ClusterTarget> {
  const now = options.now ?? Date.now;
  if (path === IN_CLUSTER) return await inClusterTarget(now);
  try {
    return await parseKubeconfig(path, await readFile(path, 'utf8'), now, options.execEnv);
  } catch (error) {
    if (error instanceof StreamSpaceError) throw error;
    throw new StreamSpaceError('SettingInvalid', `kubeconfig ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function inClusterTarget(now: () => number): Promise<ClusterTarget> {
  const ca = await readFile(`${SERVICE_ACCOUNT_DIR}/ca.crt`, 'utf8').catch((error: unknown) => {
    throw new StreamSpaceError('SettingInvalid', 'this is no pod: there is no service account to use', { cause: error });
  });
  return {
    origin: 'https://kubernetes.default.svc',
    prefix: '',
    ca,
    certificate: undefined,
    key: undefined,
    servername: undefined,
    insecure: false,
    token: tokenFromFile(`${SERVICE_ACCOUNT_DIR}/token`, now),
  };
}

async function parseKubeconfig(
  path: string,
  content: string,
  now: () => number,
  execEnv: Readonly<Record<string, string>> | undefined,
): Promise<ClusterTarget> {
  const parsed = fileSchema.safeParse(parse(content));
  if (!parsed.success) refuse(path, z.prettifyError(parsed.error));
  const file = parsed.data;
  const current = file['current-context'];
  const context = file.contexts.find(({ name }) => name === current)?.context;
  if (context === undefined) refuse(path, `the current context "${current}" is not in it`);
  const cluster = file.clusters.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster === undefined) refuse(path, `the cluster "${context.cluster}" is not in it`);
  const user = file.users.find(({ name }) => name === context.user)?.user ?? {};
  for (const field of REFUSED_USER_FIELDS) if (field in user) refuse(path, `user.${field} is not supported`);
  if (cluster['proxy-url'] !== undefined) refuse(path, 'cluster.proxy-url is not supported');
  const base = dirname(resolve(path));
  const url = new URL(cluster.server);
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ''),
    ca: await fileOrData(base, cluster['certificate-authority'], cluster['certificate-authority-data']),
    certificate: await fileOrData(base, user['client-certificate'], user['client-certificate-data']),
    key: await fileOrData(base, user['client-key'], user['client-key-data']),
    servername: cluster['tls-server-name'],
    insecure: cluster['insecure-skip-tls-verify'],
    token: tokenOf(path, base, user, now, execEnv),
  };
}

function tokenOf(
  path: string,
  base: string,
  user: Partial<z.infer<typeof fileSchema>['users'][number]['user']>,
  now: () => number,
  execEnv: Readonly<Record<string, string>> | undefined,
): TokenSource {
  // kubectl too prefers the file: it is the one that rotates.
  if (user.tokenFile !== undefined) return tokenFromFile(resolve(base, user.tokenFile), now);
  if (user.token !== undefined) return fixedToken(user.token);
  if (user.exec === undefined || user.exec === null) return fixedToken(undefined);
  const { command, apiVersion, args, env } = user.exec;
  if (execEnv === undefined) refuse(path, `it would run "${command}" for a credential; that is not allowed here`);
  const extra = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  return tokenFromPlugin({ command, apiVersion, args: args ?? [], env: { ...execEnv, ...extra } }, now);
}
