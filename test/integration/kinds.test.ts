// The CRDs at a real API server: examples admitted, defaults filled in, each rule refusing with its words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { installationManifests } from '../../deploy/manifests.ts';
import { EXAMPLES } from '../../schemas/generate/outputs.ts';
import { KINDS } from '../../schemas/kinds/all.ts';
import { kubernetesUser, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { ROOT, run } from '../support/command.ts';
import { KUBECTL, kubectl } from '../support/kubectl.ts';

const servers = inject('servers');
const namespace = `kinds-${Date.now().toString(36)}`;
beforeAll(() => kubectl(servers, ['create', 'namespace', namespace]));
afterAll(() => kubectl(servers, ['delete', 'namespace', namespace, '--wait=false']));

const CLUSTER_WIDE: ReadonlySet<string> = new Set(KINDS.filter(({ scope }) => scope === 'Cluster').map(({ kind }) => kind));

/** Shares are written by the gateway alone. */
const GATEWAY = 'system:serviceaccount:streamspace:streamspace-gateway';

interface Draft {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A binding belongs in the namespace of a team or of the system, and people ask for changes in those of their teams. */
const PLACES: Readonly<Record<string, string>> = { AccessBinding: SYSTEM_NAMESPACE, ChangeRequest: 'team-web' };

/** The example of a kind under a name and in a namespace that nothing else of the cluster uses. */
function draft(kind: string, spec: object = {}, name = `probe-${namespace}`): Draft {
  const example = parse(readFileSync(join(ROOT, EXAMPLES[kind] ?? ''), 'utf8')) as Draft;
  const place = CLUSTER_WIDE.has(kind) ? {} : { namespace: PLACES[kind] ?? namespace };
  return { ...example, metadata: { name, ...place }, spec: { ...example.spec, ...spec } };
}

/** Nothing is stored, but everything is judged, defaults filled in and warnings given. */
async function dryRun(
  object: Draft,
  verb = 'create',
): Promise<{ readonly code: number; readonly said: string; readonly object: unknown }> {
  const args = ['--kubeconfig', servers.kubeconfig, verb, '--dry-run=server', '--validate=strict', '-o', 'json', '-f', '-'];
  if (object.kind === 'SessionShare') args.push(`--as=${GATEWAY}`, '--as-group=system:authenticated');
  // Nobody asks in the name of another.
  if (object.kind === 'ChangeRequest') args.push(`--as=${kubernetesUser('member')}`, '--as-group=system:authenticated');
  const { code, stdout, stderr } = await run(KUBECTL, args, { input: stringify(object) });
  return { code, said: stderr, object: code === 0 ? (JSON.parse(stdout) as unknown) : undefined };
}

test('the whole installation is applied without a warning', async () => {
  const input = installationManifests()
    .map((manifest) => stringify(manifest, { aliasDuplicateObjects: false }))
    .join('---\n');
  const args = [
    '--kubeconfig',
    servers.kubeconfig,
    'apply',
    '--server-side',
    '--force-conflicts',
    '--dry-run=server',
    '--validate=strict',
    '-f',
    '-',
  ];
  expect(await run(KUBECTL, args, { input })).toMatchObject({ code: 0, stderr: '' });
});

test.each(Object.keys(EXAMPLES))('the example of a %s is admitted without a warning', async (kind) => {
  expect(await dryRun(draft(kind))).toMatchObject({ code: 0, said: '' });
});

describe('defaults', () => {
  test('a template of two fields is whole', async () => {
    const { object } = await dryRun({ ...draft('Template'), spec: { displayName: 'A', image: 'b' } });
    expect(object).toMatchObject({
      spec: {
        icon: 'desktop',
        maturity: 'stable',
        desktop: { port: 5900, width: 1280, height: 800 },
        resources: { cpu: '250m', memory: '512Mi' },
        home: { size: '1Gi' },
        env: [],
      },
    });
  });
  test('a nested object that is given in part keeps the rest of its defaults', async () => {
    const { object } = await dryRun(draft('Template', { desktop: { width: 1920 } }));
    expect(object).toMatchObject({ spec: { desktop: { port: 5900, width: 1920, height: 800 } } });
  });
  test('a GitSync of a URL follows main, prunes and heals', async () => {
    const { object } = await dryRun({ ...draft('GitSync'), spec: { url: 'https://git.example.com/a.git' } });
    expect(object).toMatchObject({
      spec: { ref: { branch: 'main' }, path: '.', interval: '1m', prune: { enabled: true, maxDeletionPercent: 50, never: [] } },
    });
  });
});

describe('refusals', () => {
  const ref = { name: 'client', key: 'secret' };
  const ldap = { url: 'ldaps://ldap.example', bindDN: 'cn=a', bindPasswordRef: ref, userBase: 'ou=people' };
  const github = { clientId: 'Iv1', clientSecretRef: ref, organizations: [{ name: 'acme' }] };
  const url = 'https://git.example.com/a.git';
  test.each([
    ['Template', { home: { size: 'big' } }, 'write a quantity such as 500m, 2 or 2Gi'],
    ['Template', { image: 'a b' }, 'write an image reference without spaces'],
    ['Template', { env: [{ name: 'A-B', value: '' }] }, 'write a name of letters, digits and _'],
    [
      'Template',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      'Duplicate value',
    ],
    ['Template', { links: [{ title: 'a', url: 'http://a' }] }, 'write an https URL'],
    ['Template', { colour: 'red' }, 'unknown field "spec.colour"'],
    ['Template', { desktop: { port: 80 } }, 'greater than or equal to 1024'],
    ['GitSync', { url: 'https://a:b@git.example.com/a' }, 'write an http, https or ssh URL without a password'],
    ['GitSync', { url, ref: { branch: 'a', tag: 'b' } }, 'give exactly one of branch, tag, semver and commit'],
    ['GitSync', { url, ref: {} }, 'give exactly one of branch, tag, semver and commit'],
    ['GitSync', { url, ref: { commit: 'abc' } }, 'write a full commit id of 40 hexadecimal digits'],
    ['GitSync', { url, path: '/etc' }, 'write a path relative to the root of the repository'],
    ['GitSync', { url, interval: 'soon' }, 'write a duration such as 30s, 5m or 1h30m'],
    ['GitSync', { url, interval: '0s' }, 'write at least 1s'],
    ['Team', { namespace: 'kube-system' }, 'choose a namespace of its own, not one of the system'],
    ['Team', { members: [{ user: 'a', group: 'b', role: 'admin' }] }, 'give exactly one of user and group'],
    ['Team', { members: [{ user: 'a:b:c', role: 'admin' }] }, 'or provider:name, without spaces'],
    ['Session', { template: 'a/b/c' }, 'write the name of a template, or namespace/name'],
    ['SessionPolicy', { sharing: { allow: 'Everybody' } }, 'supported values: "None", "People", "Team", "Link"'],
    ['SessionPolicy', { sharing: { maxTTL: 'long' } }, 'write a duration such as 30s, 5m or 1h30m'],
    ['Quota', { limits: { cpu: '-1' } }, 'write a quantity such as 500m, 2 or 2Gi'],
    ['Quota', { limits: { sessionsRunning: -1 } }, 'greater than or equal to 0'],
    ['Quota', { scope: 'Team' }, 'an override is for a user where the scope is Person'],
    ['Quota', { templates: ['terminal'] }, 'templates is for the scope Template'],
    ['NetworkProfile', { egress: { mode: 'AllowList' } }, 'mode AllowList needs allow'],
    ['NetworkProfile', { egress: { mode: 'AllowList', allow: [{ cidr: '10.0.0.1/8' }] } }, 'with no bits set after the prefix'],
    ['NetworkProfile', { egress: { mode: 'AllowList', allow: [{}] } }, 'give exactly one of cidr and namespace'],
    ['NetworkProfile', { dns: { mode: 'Cluster', resolver: '10.0.0.53' } }, 'resolver goes with mode Resolver'],
    ['NetworkProfile', { dns: { mode: 'Resolver', resolver: '10.0.0' } }, 'write an IPv4 or IPv6 address'],
    ['SessionShare', { linkHash: 'a'.repeat(64) }, 'give exactly one of subjects and linkHash'],
    ['SessionShare', { maxUses: 2 }, 'maxUses is for links'],
    ['AccessRole', { rules: [{ resources: ['teams'], verbs: ['create'] }] }, 'a verb does not exist on a resource of the rule'],
    ['AccessRole', { rules: [{ resources: ['secrets'], verbs: ['get'] }] }, 'Unsupported value: "secrets"'],
    ['AccessRole', { inherits: ['platform-admin'] }, 'platform-admin cannot be inherited'],
    ['AccessBinding', { subject: { user: 'a', group: 'b' } }, 'give exactly one of user, group and team'],
    ['AccessBinding', { scope: {} }, 'give exactly one of platform, team and session'],
    ['AccessBinding', { scope: { platform: false } }, 'leave it out, or write true'],
    ['AccessBinding', { expiresAt: '2027-03-01T07:00:00Z' }, 'expiresAt has to come after notBefore'],
    ['AccessBinding', { reason: '' }, 'should be at least 1 chars long'],
    ['IdentityProvider', { type: 'LDAP' }, 'ldap goes with type LDAP'],
    ['IdentityProvider', { oidc: { issuer: 'http://id.example', clientId: 'a', clientSecretRef: ref } }, 'write an https URL'],
    ['IdentityProvider', { oidc: undefined, type: 'LDAP', ldap: { ...ldap, url: 'http://x' } }, 'write ldaps://host:port'],
    ['IdentityProvider', { oidc: undefined, type: 'LDAP', ldap: { ...ldap, userFilter: '(uid=*)' } }, 'fits everybody'],
    ['IdentityProvider', { claimMappings: { subject: 'oid' } }, 'claimMappings.subject goes with type LDAP or SAML'],
    ['IdentityProvider', { type: 'SAML' }, 'saml goes with type SAML'],
    [
      'IdentityProvider',
      { oidc: undefined, type: 'SAML', saml: { entityId: 'a' } },
      'write metadata, or entityId, ssoUrl and certificates',
    ],
    [
      'IdentityProvider',
      { oidc: undefined, type: 'SAML', saml: { metadata: '<a/>', ssoUrl: 'https://a.example' } },
      'write metadata, or',
    ],
    [
      'IdentityProvider',
      { oidc: undefined, type: 'SAML', saml: { metadata: '<a/>', clockSkewSeconds: 301 } },
      'less than or equal to 300',
    ],
    ['IdentityProvider', { type: 'GitHub' }, 'github goes with type GitHub'],
    ['IdentityProvider', { oidc: undefined, type: 'GitHub', github: { ...github, organizations: [] } }, 'or write anybody: true'],
    [
      'IdentityProvider',
      { oidc: undefined, type: 'GitHub', github: { ...github, url: 'https://github.com/acme' } },
      'write an https URL without a path',
    ],
    [
      'IdentityProvider',
      { oidc: undefined, type: 'GitHub', github: { ...github, organizations: [{ name: 'acme/web' }] } },
      'write the name of an organization',
    ],
    [
      'IdentityProvider',
      { oidc: undefined, type: 'GitHub', github, claimMappings: { username: 'login' } },
      'claimMappings goes with type OIDC, LDAP or SAML',
    ],
    ['AuditPolicy', { sinks: [{ name: 'a', type: 'Syslog' }] }, 'give the block of its type, and no other'],
    ['AuditPolicy', { sinks: [{ name: 'a', type: 'Https', https: { url: 'http://a.example.com' } }] }, 'begins with https://'],
    [
      'AuditPolicy',
      { sinks: [{ name: 'a', type: 'Https', https: { url: 'https://a.example', authentication: 'Hmac' } }] },
      'need secretRef',
    ],
    ['SessionShare', { expiresAt: 'tomorrow' }, 'must be of type date-time'],
  ])('%s with %j', async (kind, spec, words) => {
    const { code, said } = await dryRun(draft(kind, spec));
    expect(said).toContain(words);
    expect(code).toBe(1);
  });

  test.each([
    ['Team', 'a'.repeat(59), 'use at most 58 characters and no dots'],
    ['Team', 'a.b', 'use at most 58 characters and no dots'],
    ['Session', 'a'.repeat(51), 'use at most 50 letters, digits and -'],
    ['Session', '1st', 'begin the name of a session with a letter'],
  ])('%s called %s', async (kind, name, words) => {
    const { namespace: _given, ...spec } = draft(kind).spec;
    expect((await dryRun({ ...draft(kind, {}, name), spec })).said).toContain(words);
  });
});

describe('what cannot change', () => {
  test('template and owner of a session, and its end', async () => {
    // Terminated from the start, so that no controller makes a desktop of it.
    const session = draft('Session', { desiredState: 'Terminated' });
    await kubectl(servers, ['create', '-f', '-'], stringify(session));
    for (const [change, words] of [
      [{ template: 'other' }, 'the template of a session cannot change'],
      [{ owner: 'other' }, 'the owner of a session cannot change'],
      [{ desiredState: 'Running' }, 'a terminated session does not come back'],
    ] as const) {
      expect((await dryRun({ ...session, spec: { ...session.spec, ...change } }, 'apply')).said).toContain(words);
    }
  });
});

describe('what a share cannot become', () => {
  test('wider, for others, or again what it was before it was revoked', async () => {
    const share = draft('SessionShare', { revoked: true }, `share-${namespace}`);
    await kubectl(servers, ['create', `--as=${GATEWAY}`, '--as-group=system:authenticated', '-f', '-'], stringify(share));
    for (const [change, words] of [
      [{ mode: 'Control' }, 'a share can be downgraded only'],
      [{ revoked: false }, 'a revoked share does not come back'],
      [{ subjects: [{ kind: 'User', name: 'else' }] }, 'make another share for other people'],
      [{ sharedBy: { person: 'else', admin: true } }, 'who has shared cannot change'],
      [{ sessionRef: { name: 'else', uid: 'x' } }, 'a share cannot move to another session'],
    ] as const) {
      expect((await dryRun({ ...share, spec: { ...share.spec, ...change } }, 'apply')).said).toContain(words);
    }
  });
});

test('kubectl knows them by short names, by category, and explains every level', async () => {
  const get = (name: string): Promise<string> =>
    kubectl(servers, ['get', name, '--namespace', namespace, '--ignore-not-found', '-o', 'name']);
  for (const name of ['gs', 'tpl', 'sess', 'streamspace']) expect(await get(name)).toEqual(expect.any(String));
  expect(await kubectl(servers, ['explain', 'gitsyncs.spec.prune.maxDeletions'])).toContain('More deletions than this wait');
  expect(await kubectl(servers, ['explain', 'sessions.status.endpoint.port'])).toContain('TCP port of the VNC server.');
});
