// Change requests: the plan of a folder beside `kubectl diff` of the same, and how long it takes from a merge until it is in force.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeCreate, ChangeView } from '../../schemas/api/changes.ts';
import type { FieldChange } from '../../schemas/kinds/changes/change-edit.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import { API_GROUP_VERSION, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { run, streamspace } from '../support/command.ts';
import { giteaWorld } from '../support/gitea-world.ts';
import { KUBECTL } from '../support/kubectl.ts';
import { giteaQuota, plainGitQuota, QUOTA_TEAM, type QuotaSource } from '../support/quota-source.ts';
import type { Servers } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { seen } from '../support/watched.ts';
import { freshWorld } from '../support/world.ts';
import { configMaps } from './manifests.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const COUNT = 1000;
const PLANS = 3;
const WISHES = 5;
/** Of a pull request. */
const MANY = 2000;
const ROUNDS = 3;
const FIRST = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'first' } });

export async function changesSuite(servers: Servers): Promise<readonly Measurement[]> {
  return [
    ...(await plans(servers)),
    ...(await pullRequests(servers)),
    ...(await wishes(servers, 'plain Git', plainGitQuota)),
    ...(await wishes(servers, 'Gitea', giteaQuota)),
  ];
}

/** Both as a process of their own, as somebody before a push or a pipeline would call them. */
async function plans(servers: Servers): Promise<readonly Measurement[]> {
  await using world = await freshWorld(servers);
  const { namespace } = world;
  await world.apply({ 'all.yaml': configMaps('plan', namespace, COUNT) });
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-bench-'));
  try {
    const file = join(folder, 'all.yaml');
    await writeFile(file, configMaps('plan', namespace, COUNT, { index: 500, to: 'changed' }));
    const at = ['--kubeconfig', servers.kubeconfig];
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < PLANS; round += 1) {
      ours.push(
        await timed(2, () => streamspace(['plan', folder, '--sync', 'sync', '-n', namespace, '--detailed-exitcode', ...at])),
      );
      theirs.push(await timed(1, () => run(KUBECTL, ['diff', ...at, '-f', file], { timeoutMs: 600_000 })));
    }
    const peer = { name: 'kubectl diff', value: quantile(theirs, 0.5) };
    return [
      measurement('changes', `plan of ${COUNT} objects, one of them changed, p50 of ${PLANS}`, quantile(ours, 0.5), 's', peer),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds. @param code with which it ends when it has found the change */
async function timed(code: number, work: () => ReturnType<typeof run>): Promise<number> {
  const startedAt = performance.now();
  const ended = await work();
  if (ended.code !== code) throw new Error(`it ended with ${ended.code}: ${ended.stderr}`);
  return (performance.now() - startedAt) / 1000;
}

/** From the push of a pull request of a real Gitea until all of its plan stands there, over as many comments as it takes. */
async function pullRequests(servers: Servers): Promise<readonly Measurement[]> {
  const files = (namespace: string, to: string) => ({
    'many.yaml': configMaps(to, namespace, MANY).replaceAll(`name: ${to}-`, 'name: many-'),
  });
  await using at = await giteaWorld(servers, { 'first.json': FIRST }, { spec: { deletionPolicy: 'Orphan' } });
  const { namespace } = at.world;
  const base = await at.branch('main', files(namespace, 'before'));
  await at.world.until('the push is applied', ({ revision }) => revision === base, 300_000);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const head = await at.branch(`many-${round}`, files(namespace, `after-${round}`));
    const number = await at.open('ann', `many-${round}`, 'Many');
    const startedAt = performance.now();
    await eventually('its plan is told', async () => (await at.stateOf(head)) === 'success', { timeoutMs: 300_000 });
    took.push((performance.now() - startedAt) / 1000);
    await at.told(number, new RegExp(`${MANY} to change`));
    await at.close(number);
  }
  return [
    measurement('changes', `a pull request of ${MANY} objects: opened to told, worst of ${ROUNDS}`, quantile(took, 1), 's'),
  ];
}

interface Lived {
  /** Seconds from the approval, and from the merge, until the object in the cluster is so. */
  readonly fromApproval: number;
  readonly fromMerge: number;
}

/** More quota is asked for, approved, in force; and undone. */
async function wishes(
  servers: Servers,
  where: string,
  source: (servers: Servers) => Promise<QuotaSource>,
): Promise<readonly Measurement[]> {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  await using made = await source(servers);
  const { quota, gitSync } = made;
  await seen<Quota>(client, { resource: RESOURCES.quotas, namespace: QUOTA_TEAM, name: quota }, () => true);
  const target = { namespace: SYSTEM_NAMESPACE, name: gitSync };
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Quota', namespace: QUOTA_TEAM, name: quota };
  const [wished, undone]: [Lived[], Lived[]] = [[], []];
  for (let round = 0; round < WISHES; round += 1) {
    const to = 50 + round;
    const change: FieldChange = { op: 'Set', path: 'spec.limits.sessionsRunning', value: String(to) };
    const name = await ask(servers, {
      ...{ reason: `More, ${round}`, target, edits: [{ action: 'Patch', object, changes: [change] }] },
    });
    wished.push(await lived(servers, client, name, { quota, limit: to }));
    const { mergeCommit = '' } = (await client.get<ChangeRequest>(RESOURCES.changeRequests, QUOTA_TEAM, name)).status ?? {};
    const undo = await ask(servers, { reason: `Undo, ${round}`, target, edits: [], rollback: { commits: [mergeCommit] } });
    undone.push(await lived(servers, client, undo, { quota, limit: 40 }));
  }
  const worst = (all: readonly Lived[], which: keyof Lived): number =>
    quantile(
      all.map((each) => each[which]),
      1,
    );
  return [
    measurement('changes', `${where}: a change, approval to live, worst of ${WISHES}`, worst(wished, 'fromApproval'), 's'),
    measurement('changes', `${where}: a change, merge to live, worst of ${WISHES}`, worst(wished, 'fromMerge'), 's'),
    measurement('changes', `${where}: a rollback, approval to live, worst of ${WISHES}`, worst(undone, 'fromApproval'), 's'),
    measurement('changes', `${where}: a rollback, merge to live, worst of ${WISHES}`, worst(undone, 'fromMerge'), 's'),
  ];
}

async function ask(servers: Servers, wish: ChangeCreate): Promise<string> {
  const answer = await apiAs(servers, 'member').send<ChangeView>('POST', `/namespaces/${QUOTA_TEAM}/changes`, wish);
  if (answer.status !== 201) throw new Error(`asking answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.metadata.name;
}

async function lived(
  servers: Servers,
  client: OwnedKubeClient,
  name: string,
  { quota, limit }: { readonly quota: string; readonly limit: number },
): Promise<Lived> {
  const change = { resource: RESOURCES.changeRequests, namespace: QUOTA_TEAM, name };
  const opened = await seen<ChangeRequest>(
    client,
    change,
    ({ status }) => status?.phase === 'Open' && status.commit !== undefined,
  );
  const merged = seen<ChangeRequest>(client, change, ({ status }) => status?.mergeCommit !== undefined);
  const live = seen<Quota>(
    client,
    { resource: RESOURCES.quotas, namespace: QUOTA_TEAM, name: quota },
    ({ spec }) => spec.limits.sessionsRunning === limit,
  );
  const approvedAt = performance.now();
  const path = `/namespaces/${QUOTA_TEAM}/changes/${name}/approve`;
  const said = await apiAs(servers, 'lead').send('POST', path, { commit: opened.object.status?.commit });
  if (said.status !== 200) throw new Error(`approving answered ${said.status}: ${JSON.stringify(said.body)}`);
  const [mergedAt, liveAt] = [(await merged).at, (await live).at];
  await eventually('the change is applied', async () => {
    return (await client.get<ChangeRequest>(RESOURCES.changeRequests, QUOTA_TEAM, name)).status?.phase === 'Applied';
  });
  return { fromApproval: (liveAt - approvedAt) / 1000, fromMerge: Math.max(0, liveAt - mergedAt) / 1000 };
}
