// `npm run test:long -- change-kills`: the controller of an installation is killed (SIGKILL) around every single thing that it writes to
// a real Gitea while it opens, updates, tells and merges a change request: right before, and again right after.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest, ChangeRequestStatus } from '../../schemas/kinds/changes/change-request.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { BOT } from '../support/forge-server.ts';
import { type GiteaWorld, giteaWorld } from '../support/gitea-world.ts';
import { type FrontRequest, type HttpFront, startHttpFront } from '../support/http-front.ts';
import { partOf } from '../support/parts.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const TIMEOUT_MS = 900_000;
const template = (displayName: string, image: string): string => `# Ours.
apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: own
spec:
  displayName: ${displayName} # as people see it
  image: example.com/none:${image}
`;

let front: HttpFront;
let forge: GiteaWorld;
beforeAll(async () => {
  forge = await giteaWorld(
    servers,
    { 'own.yaml': template('Own', '1') },
    {
      changes: { forge: { type: 'Gitea', mergeMethod: 'Merge', people: [{ login: 'ann', user: 'admin' }] } },
      clusterRules: [{ apiGroups: [API_GROUP], resources: ['templates'], verbs: ['*'] }],
      through: async (origin) => {
        front = await startHttpFront(origin);
        return front.url;
      },
    },
  );
}, 600_000);
afterAll(async () => {
  await forge?.[Symbol.asyncDispose]();
  await front?.[Symbol.asyncDispose]();
}, 120_000);

/** What it writes, whatever its number. @returns undefined for what only reads */
function kindOf({ method, path }: FrontRequest): string | undefined {
  if (method === 'GET' || method === 'HEAD' || path.endsWith('/git-upload-pack')) return undefined;
  return `${method} ${path.replaceAll(/\/[0-9a-f]{40}\b/g, '/SHA').replaceAll(/\/\d+/g, '/N')}`;
}

/** From now on, and for each kind of writing once before it arrives and once when it has. @returns what it was killed at */
function killEverywhere(): Map<string, string[]> {
  const killed = new Map<string, string[]>();
  let dead: number | undefined;
  front.breaks = async (request, moment) => {
    const kind = kindOf(request);
    if (kind === undefined) return false;
    const moments = killed.get(kind) ?? [];
    if (moments.includes(moment)) return false;
    const { pid } = await partOf(servers, 'controller');
    // What the dead one had sent before is nothing that the next one does.
    if (pid === undefined || pid === dead) return moment === 'before';
    dead = pid;
    killed.set(kind, [...moments, moment]);
    process.kill(pid, 'SIGKILL');
    return true;
  };
  return killed;
}

async function until(what: string, holds: (status: ChangeRequestStatus) => boolean): Promise<ChangeRequestStatus> {
  const { client, namespace } = forge.world;
  let last: ChangeRequestStatus | undefined;
  const seen = async () => {
    last = (await client.get<ChangeRequest>(RESOURCES.changeRequests, namespace, 'rename')).status;
    return last !== undefined && holds(last) && last;
  };
  return await eventually(what, seen, { timeoutMs: TIMEOUT_MS, everyMs: 500 }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`);
  });
}

test('S-104 killed around every single thing that it writes to Gitea, the controller makes one branch, one pull request, one comment and one merge', async () => {
  const { world, gitea, path } = forge;
  const { namespace, client } = world;
  await world.kubectl(['create', 'role', 'ask', '--verb=create,get,update,patch', '--resource=changerequests.streamspace.io']);
  await world.kubectl(['create', 'rolebinding', 'ask', '--role=ask', `--user=${kubernetesUser('member')}`]);
  const member = client.as({ user: kubernetesUser('member'), groups: [...kubernetesGroups([]), 'system:authenticated'] });
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Template', namespace, name: 'own' };
  const spec = {
    ...{ requestedBy: { name: 'member', mayApprove: false }, reason: 'It is to be called Everybody' },
    target: { namespace, name: 'sync' },
    edits: [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.displayName', value: '"Everybody"' }] }],
  };

  const killed = killEverywhere();
  const body = { apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name: 'rename', namespace }, spec };
  await member.create(RESOURCES.changeRequests, namespace, JSON.stringify(body));
  const opened = await until('it is open', ({ phase, url }) => phase === 'Open' && url !== undefined);
  const number = opened.number ?? 0;
  await forge.told(number, /### Plan: 1 to change[\s\S]*spec\.displayName: "Everybody"/, TIMEOUT_MS);

  const atOpening = [...killed.keys()];

  // The branch moves under it: another commit, another plan in the same comment.
  killed.clear();
  await forge.branch('main', { 'own.yaml': template('Own', '2') });
  const again = await until('it is made anew', ({ commit }) => commit !== undefined && commit !== opened.commit);
  expect(again.number).toBe(number);
  await eventually('the new commit is green', async () => (await forge.stateOf(again.commit ?? '')) === 'success', {
    timeoutMs: TIMEOUT_MS,
  });
  const atUpdate = [...killed.keys()];

  killed.clear();
  const review = { event: 'APPROVED', body: 'fine', commit_id: again.commit };
  expect((await gitea.ask('ann', 'POST', `${path}/pulls/${number}/reviews`, review)).status).toBe(200);
  const applied = await until('it is applied', ({ phase }) => phase === 'Applied');
  await forge.told(number, /### Merged and applied: 1 object changed/, TIMEOUT_MS);
  const atMerge = [...killed.keys()];
  front.breaks = async () => false;
  // One more of it looks at everything again.
  await eventually('the merge is green', async () => (await forge.stateOf(applied.mergeCommit ?? '')) === 'success', {
    timeoutMs: TIMEOUT_MS,
  });

  const { body: pulls } = await gitea.ask('ann', 'GET', `${path}/pulls?state=all`);
  expect(pulls).toMatchObject([{ number, merged: true, merge_commit_sha: applied.mergeCommit, user: { login: BOT } }]);
  expect(pulls).toHaveLength(1);
  expect(await forge.comments(number)).toHaveLength(1);
  await forge.git('fetch', '--quiet', '--prune', 'origin');
  expect(await forge.git('branch', '-r', '--list', 'origin/streamspace/*')).toBe('');
  expect(await forge.git('show', 'origin/main:own.yaml')).toBe(template('Everybody', '2'));
  const log = (await forge.git('log', '--format=%s', 'origin/main')).trim().split('\n');
  expect(log.filter((subject) => /Everybody|change request/.test(subject))).toHaveLength(2);
  for (const [when, kinds] of Object.entries({ opening: atOpening, updating: atUpdate, merging: atMerge }))
    process.stdout.write(`killed when ${when} around ${kinds.join(', ')}\n`);
  expect(atOpening.some((kind) => kind.endsWith('/pulls'))).toBe(true);
  expect(atUpdate.length).toBeGreaterThanOrEqual(3);
  expect(atMerge.length).toBeGreaterThanOrEqual(3);
}, 3_600_000);
