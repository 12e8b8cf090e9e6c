// Packets of a real desktop of the local cluster, held to what Git says.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runningSession } from '../support/api.ts';
import { type Clone, cloneAs } from '../support/clone.ts';
import { streamspace } from '../support/command.ts';
import { inDesktop } from '../support/desktop.ts';
import { kubectlJson } from '../support/kubectl.ts';
import { OUTSIDE, startOutside } from '../support/outside.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const [ONE, OTHER] = [`net-${ID}`, `net-${ID}-b`];
const PROFILE = 'platform/network-test.yaml';
const TEAM = 'teams/web.yaml';
const METADATA = '169.254.169.254';
let enforced: boolean;
let clone: Clone;
let teamBefore: string;
const cleanUp = new AsyncDisposableStack();

/** `answers`, or how bash says that nobody does; a connection that is refused by the filter ends at once, `silent` takes 5 s. */
async function connecting(to: string, port: number, from = ONE): Promise<string> {
  const script = `timeout 5 bash -c 'exec 3<>/dev/tcp/${to}/${port} && echo answers' 2>&1; test $? = 124 && echo silent; true`;
  const said = await inDesktop(servers, from, script);
  if (said.includes('answers')) return 'answers';
  return wordsOf(said);
}

const wordsOf = (said: string): string => (/No route to host/.test(said) ? 'refused by the filter' : said.trim());

async function asking(to: string): Promise<string> {
  const script = `exec 3<>/dev/udp/${to}/53; echo question >&3; timeout 2 head -n 1 <&3`;
  return wordsOf(await inDesktop(servers, ONE, `bash -c '${script}' 2>&1; true`));
}

const addressOf = async (name: string): Promise<string> =>
  (await kubectlJson<{ status: { podIP: string } }>(servers, ['get', 'pod', '-n', 'team-web', `${name}-0`])).status.podIP;

const profile = (spec: object): string =>
  JSON.stringify({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'NetworkProfile',
    metadata: { name: `net-${ID}`, namespace: 'streamspace' },
    spec,
  });

/** The first word of `streamspace policy explain`. */
async function explained(to: string): Promise<string> {
  const asked = [
    'policy',
    'explain',
    '--live',
    '--from',
    `session/team-web/${ONE}`,
    '--to',
    to,
    '--kubeconfig',
    servers.kubeconfig,
  ];
  return (await streamspace(asked)).stdout.split(':')[0] ?? '';
}

beforeAll(async () => {
  const { findings } = JSON.parse(await readFile(`${servers.stateDir}/local.json`, 'utf8')) as { findings: { code: string }[] };
  enforced = findings.every(({ code }) => code !== 'NetworkPolicyNotEnforced');
  cleanUp.use(await startOutside());
  clone = cleanUp.use(await cloneAs(servers, 'admin'));
  teamBefore = await clone.read(TEAM);
  cleanUp.use(await runningSession(servers, ONE, 'member'));
  cleanUp.use(await runningSession(servers, OTHER, 'member'));
});
afterAll(async () => {
  await clone.push('Close the network again', { [PROFILE]: null, [TEAM]: teamBefore }).catch(() => undefined);
  await cleanUp.disposeAsync();
});

test('P-04-9 a desktop of a team without a profile connects nowhere, and no other desktop reaches it', async () => {
  // Where the machine cannot filter packets `streamspace up` has said so, and this is what it means.
  const closed = enforced ? 'refused by the filter' : 'answers';
  expect(await connecting(OUTSIDE, 80)).toBe(closed);
  expect(await asking(OUTSIDE)).toBe(enforced ? closed : 'question');
  const port = 5900;
  expect(await connecting(await addressOf(OTHER), port)).toBe(closed);
  // The gateway reaches both all the same, or they would not be running.
});

test('P-04-7 what a profile in Git opens answers within seconds, the rest is refused, metadata always, as `policy explain` says', async () => {
  if (!enforced) return expect(await explained(METADATA)).toBe('denied');
  const opened = {
    egress: { mode: 'AllowList', allow: [{ cidr: `${OUTSIDE}/32`, ports: [{ port: 80 }] }, { cidr: `${METADATA}/32` }] },
  };
  const dns = { mode: 'Resolver', resolver: OUTSIDE };
  await clone.push('Open one address', {
    [PROFILE]: profile({ ...opened, dns }),
    [TEAM]: `${teamBefore.trimEnd()}\n  defaults:\n    network: net-${ID}\n`,
  });
  await eventually('the address answers', async () => (await connecting(OUTSIDE, 80)) === 'answers', { timeoutMs: 20_000 });
  expect(await connecting(OUTSIDE, 81)).toBe('refused by the filter');
  expect(await asking(OUTSIDE)).toBe('question');
  expect(await connecting(METADATA, 80)).toBe('refused by the filter');
  expect(await connecting(await addressOf(OTHER), 5900)).toBe('refused by the filter');
  for (const [to, said] of [
    [`${OUTSIDE}:80`, 'allowed'],
    [`${OUTSIDE}:81`, 'denied'],
    [`${METADATA}:80`, 'denied'],
  ] as const) {
    expect([to, await explained(to)]).toEqual([to, said]);
  }

  await clone.push('Open the internet but for it', { [PROFILE]: profile({ egress: { mode: 'Internet' } }) });
  await eventually('the other port answers', async () => (await connecting(OUTSIDE, 81)) === 'answers', { timeoutMs: 20_000 });
  expect(await asking(OUTSIDE)).toBe('question');
  expect(await connecting(METADATA, 80)).toBe('refused by the filter');

  await clone.push('Close it', { [PROFILE]: profile({ egress: { mode: 'Deny' } }) });
  await eventually('nothing answers', async () => (await connecting(OUTSIDE, 80)) === 'refused by the filter', {
    timeoutMs: 20_000,
  });
});
