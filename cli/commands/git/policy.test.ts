// `streamspace policy explain` as a process, over a folder.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
let folder: string;

const FILES = {
  'team.yaml': `
apiVersion: streamspace.io/v1alpha1
kind: Team
metadata:
  name: web
spec:
  displayName: Web
  defaults:
    network: internet
`,
  'profiles.yaml': `
apiVersion: streamspace.io/v1alpha1
kind: NetworkProfile
metadata:
  name: internet
  namespace: streamspace
spec:
  egress:
    mode: Internet
    allow:
      - cidr: 10.20.0.0/16
---
apiVersion: streamspace.io/v1alpha1
kind: NetworkProfile
metadata:
  name: kiosk
  namespace: team-web
spec:
  egress:
    mode: AllowList
    allow:
      - cidr: 203.0.113.0/24
        ports:
          - port: 443
`,
  'templates.yaml': `
apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: kiosk
  namespace: streamspace
spec:
  displayName: Kiosk
  image: localhost/kiosk:1
  network: kiosk
`,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text.trimStart());
});
afterAll(async () => await rm(folder, { recursive: true }));

async function explain(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const argv = ['--conditions=source', MAIN, 'policy', 'explain', folder, ...args];
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { env: { ...process.env, NO_COLOR: '1' } }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe('streamspace policy explain', () => {
  test('P-04-7 metadata is denied, by which NetworkPolicy, and which exception of which profile takes it out', async () => {
    const { code, out } = await explain('--from', 'team/web', '--to', '169.254.169.254');
    expect(out.split('\n')).toEqual([
      'denied: desktop in team-web to 169.254.169.254 (TCP)',
      '  by NetworkPolicy team-web/streamspace-default-deny, NetworkPolicy team-web/streamspace-network: selected, and no rule allows it',
      '  NetworkPolicy team-web/streamspace-network spec.egress[0], from NetworkProfile streamspace/internet (profiles.yaml:1): holds the address, but not with this (except 169.254.0.0/16)',
      '',
    ]);
    expect(code).toBe(0);
  });

  test('what is allowed names the rule and the profiles, with file and line', async () => {
    const { out } = await explain('--from', 'template/kiosk', '--to', '203.0.113.7:443');
    expect(out.split('\n').slice(0, 2)).toEqual([
      'allowed: desktop in team-web to 203.0.113.7, port 443 (TCP)',
      '  by NetworkPolicy team-web/streamspace-network-kiosk spec.egress[0], from NetworkProfile streamspace/internet (profiles.yaml:1) and NetworkProfile team-web/kiosk (profiles.yaml:12)',
    ]);
    expect((await explain('--from', 'template/kiosk', '--to', '203.0.113.7:80')).out).toContain('but not with this (ports)');
    const json = await explain('--from', 'team/web', '--to', '[2001:db8::1]:443', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ allowed: true, by: { policy: 'streamspace-network', rule: 1 } });
  });

  test('names, sessions without a cluster and teams that are not there are told of, and nothing is printed', async () => {
    const name = await explain('--from', 'team/web', '--to', 'example.com');
    expect(name).toMatchObject({ code: 2, out: '' });
    expect(name.err).toContain('names are not looked up');
    expect(await explain('--from', 'session/team-web/a', '--to', '::1')).toMatchObject({ code: 2, out: '' });
    expect(await explain('--from', 'team/gone', '--to', '::1')).toMatchObject({ code: 1, out: '' });
    expect(await explain('--from', 'nonsense', '--to', '1.2.3.4')).toMatchObject({ code: 2, out: '' });
  });
});
