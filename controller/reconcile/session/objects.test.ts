import { describe, expect, test } from 'vitest';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { resolveTemplate } from '../template/ref.ts';
import { type DesktopRun, desktopObjects, isSessionName, ownerObjects, storedObjects } from './objects.ts';
import { type PodDns, podDns, podSpec } from './pod.ts';

const SESSION: Session = {
  apiVersion: 'streamspace.io/v1alpha1',
  kind: 'Session',
  metadata: { name: 'one', namespace: 'team-web', uid: 'uid-session' },
  spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
};
/** As the API server hands it out when its defaults are gone: the required fields alone. */
const template = (fields: object = {}): Template =>
  ({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Template',
    metadata: { name: 'terminal', namespace: 'streamspace' },
    spec: { displayName: 'Terminal', image: 'localhost/terminal:1', ...fields },
  }) as Template;

const RUN: DesktopRun = { replicas: 1, dns: podDns(undefined), priority: 'Normal' };

const noSecret = async (): Promise<never> => expect.unreachable('it is asked for at its creation only');

describe('the pod', () => {
  test('it asks for nothing that Pod Security "restricted" forbids', () => {
    expect(
      podSpec(template(), { homeClaim: 'one-home', passwordSecret: 'one-vnc', dns: podDns(undefined), priority: 'Normal' }),
    ).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    });
  });

  test('GPUs are limits of the extended resource that the template names, beside those of CPU and memory', () => {
    const parts = { homeClaim: 'h', passwordSecret: 'v', dns: podDns(undefined), priority: 'Normal' } as const;
    const resourcesOf = (resources: object): unknown => podSpec(template({ resources }), parts).containers[0]?.resources;
    expect(resourcesOf({ gpu: { count: 2, resource: 'amd.com/gpu' } })).toEqual({
      requests: { cpu: '250m', memory: '512Mi' },
      limits: { 'amd.com/gpu': '2' },
    });
    expect(resourcesOf({})).toEqual({ requests: { cpu: '250m', memory: '512Mi' } });
    expect(podSpec(template(), { ...parts, priority: 'High' }).priorityClassName).toBe('streamspace-high');
  });

  test('the port and the size come from the template and cannot be changed by its environment', () => {
    const env = [
      { name: 'STREAMSPACE_PORT', value: '1' },
      { name: 'EDITOR', value: 'vi' },
    ];
    const spec = podSpec(template({ desktop: { port: 5999, width: 800, height: 600 }, env }), {
      homeClaim: 'h',
      passwordSecret: 'v',
      dns: podDns(undefined),
      priority: 'High',
    });
    expect(spec).toMatchObject({
      containers: [
        {
          ports: [{ containerPort: 5999 }],
          env: [
            { name: 'STREAMSPACE_PORT', value: '5999' },
            { name: 'STREAMSPACE_GEOMETRY', value: '800x600' },
            { name: 'STREAMSPACE_TLS', value: 'Opportunistic' },
            { name: 'EDITOR', value: 'vi' },
          ],
        },
      ],
    });
  });
});

test('everything goes with the session: each object has it as its owner', () => {
  const all = [
    ...ownerObjects(SESSION),
    ...storedObjects(SESSION, template(), noSecret),
    ...desktopObjects(SESSION, template(), RUN),
  ];
  expect(all).toHaveLength(6);
  for (const { manifest } of all) {
    expect(manifest.metadata.namespace).toBe('team-web');
    expect(manifest.metadata.ownerReferences).toMatchObject([{ kind: 'Session', uid: 'uid-session', controller: true }]);
  }
});

test('home and password are made once, and a template that changes does not restart a desktop', () => {
  expect(storedObjects(SESSION, template(), noSecret).map(({ mode }) => mode)).toEqual(['once', 'once']);
  expect(desktopObjects(SESSION, template(), RUN).at(-1)?.manifest['spec']).toMatchObject({
    updateStrategy: { type: 'OnDelete' },
    podManagementPolicy: 'Parallel',
  });
});

test('the owner has rights on this one session only', () => {
  const [role, binding] = ownerObjects(SESSION);
  expect(role?.manifest['rules']).toMatchObject([{ resources: ['sessions'], resourceNames: ['one'] }]);
  expect(binding?.manifest['subjects']).toMatchObject([{ kind: 'User', name: 'streamspace:user:member' }]);
});

test.each([
  ['one', true],
  ['a'.repeat(50), true],
  ['a'.repeat(51), false],
  ['1one', false],
  ['a.b', false],
  ['one-', false],
])('the name %s: %s', (name, valid) => {
  expect(isSessionName(name)).toBe(valid);
});

describe('the template', () => {
  const found = async (reference: string, existing: readonly string[]): Promise<string | undefined> => {
    const asked: string[] = [];
    const result = await resolveTemplate(reference, 'team-web', async ({ namespace, name }) => {
      asked.push(`${namespace}/${name}`);
      return existing.includes(`${namespace}/${name}`) ? { ...template(), metadata: { namespace, name } } : undefined;
    });
    return result === undefined ? undefined : `${result.metadata.namespace}/${result.metadata.name}`;
  };

  test("the team's own comes before everybody's", async () => {
    expect(await found('terminal', ['team-web/terminal', 'streamspace/terminal'])).toBe('team-web/terminal');
    expect(await found('terminal', ['streamspace/terminal'])).toBe('streamspace/terminal');
    expect(await found('streamspace/terminal', ['team-web/terminal', 'streamspace/terminal'])).toBe('streamspace/terminal');
  });

  test("another team's is not found, also by its full name", async () => {
    expect(await found('team-data/secret', ['team-data/secret'])).toBeUndefined();
  });
});

test('the pod carries the network profile of its template, and resolves names as its profiles say', () => {
  const podOf = (fields: object, dns: PodDns): unknown =>
    desktopObjects(SESSION, template(fields), { ...RUN, dns }).at(-1)?.manifest['spec'];
  expect(podOf({ network: 'kiosk' }, podDns({ mode: 'Resolver', resolver: '10.0.0.53' }))).toMatchObject({
    template: {
      metadata: { labels: { 'streamspace.io/network': 'kiosk' } },
      spec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.53'] } },
    },
  });
  expect(JSON.stringify(podOf({}, podDns({ mode: 'Cluster' })))).not.toContain('streamspace.io/network');
  expect(podDns({ mode: 'Cluster' })).toEqual({ dnsPolicy: 'ClusterFirst' });
  expect(podDns({ mode: 'Resolver', resolver: '169.254.169.253' })).toEqual(podDns({ mode: 'None' }));
});
