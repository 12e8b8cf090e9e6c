// A quota of a team that comes from Git, from plain Git and from a real Gitea, for whatever asks for a change of it.
import { randomUUID } from 'node:crypto';
import { API_GROUP_VERSION, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { cloneAs } from './clone.ts';
import { BOT } from './forge-server.ts';
import { startGitea } from './gitea.ts';
import { kubectl } from './kubectl.ts';
import type { Servers } from './servers.ts';

export const QUOTA_TEAM = 'team-web';

/** With a limit of 40 sessions. */
export const quotaFile = (name: string): string => `# Agreed on in May.
apiVersion: ${API_GROUP_VERSION}
kind: Quota
metadata:
  name: ${name}
  namespace: ${QUOTA_TEAM}
spec:
  scope: Team
  limits:
    sessionsRunning: 40 # for a course
`;

export interface QuotaSource extends AsyncDisposable {
  readonly quota: string;
  /** The GitSync, by name in the system namespace. */
  readonly gitSync: string;
  /** The file of the quota as it is in the branch. */
  file(): Promise<string>;
  /** What the forge says of the pull request of this branch; none where there are none. */
  pullRequest(number: number | undefined): Promise<object | undefined>;
}

export async function plainGitQuota(servers: Servers): Promise<QuotaSource> {
  const quota = `wish-${randomUUID().slice(0, 6)}`;
  const path = `teams/${quota}.yaml`;
  const clone = await cloneAs(servers, 'admin');
  await clone.push('Add a quota', { [path]: quotaFile(quota) });
  return {
    ...{ quota, gitSync: 'platform' },
    async file() {
      await using fresh = await cloneAs(servers, 'admin');
      return await fresh.read(path);
    },
    pullRequest: async () => undefined,
    async [Symbol.asyncDispose]() {
      await clone.push('Take the quota away', { [path]: null });
      await clone[Symbol.asyncDispose]();
    },
  };
}

export async function giteaQuota(servers: Servers): Promise<QuotaSource> {
  const quota = `wish-${randomUUID().slice(0, 6)}`;
  await using made = new AsyncDisposableStack();
  const gitea = made.use(await startGitea(servers));
  const repository = '/repos/owner/wishes';
  const url = await gitea.repository('owner', 'wishes');
  await gitea.collaborator('owner', 'wishes', BOT, 'write');
  const content = Buffer.from(quotaFile(quota)).toString('base64');
  const put = await gitea.ask('owner', 'POST', `${repository}/contents/quota.yaml`, { content, message: 'Add', branch: 'main' });
  if (put.status !== 201) throw new Error(`the file was answered with ${put.status}: ${JSON.stringify(put.body)}`);
  const credentials = [`--from-literal=username=${BOT}`, `--from-literal=password=${await gitea.person(BOT)}`];
  await kubectl(servers, ['-n', SYSTEM_NAMESPACE, 'create', 'secret', 'generic', quota, ...credentials]);
  const hook = ['create', 'secret', 'generic', `${quota}-hook`, '--from-literal=secret=of-the-hook'];
  await kubectl(servers, ['-n', SYSTEM_NAMESPACE, ...hook]);
  const spec = {
    ...{ url, interval: '10m', credentialsRef: { name: quota }, webhookSecretRef: { name: `${quota}-hook` } },
    changes: { secretRef: { name: quota }, forge: { type: 'Gitea' } },
  };
  const object = { apiVersion: API_GROUP_VERSION, kind: 'GitSync', metadata: { name: quota, namespace: SYSTEM_NAMESPACE }, spec };
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(object));
  made.defer(async () => {
    await kubectl(servers, ['-n', SYSTEM_NAMESPACE, 'delete', 'gitsync.streamspace.io', quota]);
    await kubectl(servers, ['-n', SYSTEM_NAMESPACE, 'delete', 'secret', quota, `${quota}-hook`]);
  });
  await gitea.deliverTo('owner', 'wishes', `${servers.controller.url}/hooks/gitea/${SYSTEM_NAMESPACE}/${quota}`, 'of-the-hook');
  const all = made.move();
  return {
    ...{ quota, gitSync: quota },
    async file() {
      const { body } = await gitea.ask('owner', 'GET', `${repository}/contents/quota.yaml?ref=main`);
      return Buffer.from((body as { readonly content: string }).content, 'base64').toString();
    },
    pullRequest: async (number) => (await gitea.ask('owner', 'GET', `${repository}/pulls/${number}`)).body as object,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
