// Made-up objects for looking at the page without a cluster: every phase, every kind of trouble, long names.

import type { GitSyncView, Me, SessionView, TemplateView } from '../../../schemas/api/api.ts';
import type { ApiKeyView } from '../../../schemas/api/api-keys.ts';
import { gitSync, person, session, template } from '../test/objects.ts';

export type Scenario = 'full' | 'admin' | 'empty' | 'failed' | 'signed-out';
export const SCENARIOS: readonly Scenario[] = ['full', 'admin', 'empty', 'failed', 'signed-out'];

export interface World {
  readonly me: Me;
  readonly templates: TemplateView[];
  readonly sessions: SessionView[];
  readonly gitSyncs: GitSyncView[];
  readonly apiKeys: ApiKeyView[];
}

export function worldOf(scenario: Scenario, now: number): World {
  if (scenario === 'empty') return { me: person(), templates: [], sessions: [], gitSyncs: [], apiKeys: [] };
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  const templates = catalog();
  return {
    me: scenario === 'admin' ? admin() : person({ teams: teams().slice(0, 2) }),
    templates,
    sessions: sessions(templates, ago),
    gitSyncs: gitSyncs(ago),
    apiKeys: [
      {
        id: 'k1',
        name: 'laptop',
        prefix: 'ssk_7f3a',
        expiresWithinDays: null,
        replacedBy: null,
        createdAt: ago(60 * 24 * 20),
        expiresAt: ago(-60 * 24 * 70),
        lastUsedAt: ago(12),
        scopes: ['*'],
        addresses: [],
      },
      {
        id: 'k2',
        name: 'nightly report',
        prefix: 'ssk_c01d',
        expiresWithinDays: null,
        replacedBy: null,
        createdAt: ago(60 * 24 * 99),
        expiresAt: ago(60 * 24 * 9),
        lastUsedAt: null,
        scopes: ['audit:read', 'recordings:write', 'sessions:read'],
        addresses: ['10.0.0.0/8', '2001:db8::/32'],
      },
    ],
  };
}

function teams(): Me['teams'] {
  return [
    { name: 'web', displayName: 'Web', namespace: 'team-web', role: 'member' },
    { name: 'data', displayName: 'Data science', namespace: 'team-data', role: 'admin' },
    { name: 'ops', displayName: 'Operations', namespace: 'team-ops', role: 'viewer' },
  ];
}

function admin(): Me {
  return person({
    name: 'admin',
    displayName: 'Ada Admin',
    groups: ['platform-admins'],
    platformRole: 'platformAdmin',
    teams: teams(),
    may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
  });
}

function catalog(): TemplateView[] {
  return [
    template('terminal', {
      displayName: 'Terminal',
      summary: 'A light desktop with a shell, Git and the usual tools. Starts in a second.',
      icon: 'terminal',
      categories: ['Development'],
      tags: ['shell', 'bash', 'git', 'xterm'],
      featured: true,
      links: [{ title: 'How to use it', url: 'https://docs.example.org/terminal' }],
    }),
    template('firefox', {
      displayName: 'Firefox ESR',
      summary: 'A browser that runs apart from your own machine: for admin consoles, and for links you do not trust.',
      icon: 'browser',
      categories: ['Internet'],
      tags: ['web', 'browser', 'mozilla'],
      featured: true,
      resources: { cpu: '500m', cpuLimit: '2', memory: '1Gi', memoryLimit: '2Gi' },
    }),
    template('vscode', {
      displayName: 'Visual Studio Code',
      summary: 'Editor with extensions for TypeScript, Go and Python already in place.',
      icon: 'code',
      categories: ['Development'],
      tags: ['ide', 'editor'],
      resources: { cpu: '1', memory: '2Gi' },
      home: { size: '10Gi' },
    }),
    template(
      'jupyter',
      {
        displayName: 'JupyterLab with the whole scientific Python stack',
        summary: 'Notebooks with NumPy, pandas and matplotlib. The data share is at /home/user/data.',
        icon: 'science',
        categories: ['Data', 'Science'],
        tags: ['python', 'notebook'],
        maturity: 'beta',
        resources: { cpu: '2', memory: '8Gi' },
      },
      { namespace: 'team-data' },
    ),
    template('dbeaver', {
      displayName: 'DBeaver',
      summary: 'Look into PostgreSQL and MySQL.',
      icon: 'database',
      categories: ['Data'],
      tags: ['sql'],
      resources: { cpu: '500m', memory: '1536Mi' },
    }),
    template('inkscape', {
      displayName: 'Inkscape',
      summary: 'Vector drawing.',
      icon: 'design',
      categories: ['Design'],
      tags: ['svg'],
      resources: { cpu: '500m', memory: '1Gi' },
    }),
    template('libreoffice', {
      displayName: 'LibreOffice',
      summary: 'Texts, sheets and slides.',
      icon: 'office',
      categories: ['Office'],
      tags: ['writer', 'calc'],
      resources: { cpu: '500m', memory: '1Gi' },
    }),
    template('scratch', {
      displayName: 'Scratch',
      summary: 'First steps in programming.',
      icon: 'education',
      categories: ['Education'],
      tags: ['school'],
    }),
    template('wireshark', {
      displayName: 'Wireshark',
      summary: 'Reads captures; cannot capture by itself in here.',
      icon: 'tool',
      categories: ['Network', 'Development'],
      tags: ['pcap'],
      maturity: 'deprecated',
    }),
    template('xfce', {
      displayName: 'Xfce desktop',
      summary: 'A whole desktop with panel, files and settings.',
      icon: 'desktop',
      categories: ['General'],
      tags: ['xfce'],
      resources: { cpu: '500m', memory: '1Gi' },
    }),
  ];
}

function sessions(templates: readonly TemplateView[], ago: (minutes: number) => string): SessionView[] {
  const of = (name: string) => templates.find(({ metadata }) => metadata.name === name) ?? template(name);
  const stages = (start: number, count: number) =>
    (['Admitted', 'VolumeBound', 'Scheduled', 'ImageReady', 'Started', 'Answering'] as const)
      .slice(0, count)
      .map((name, index) => ({ name, at: new Date(Date.parse(ago(start)) + index * 240 + 120).toISOString() }));
  const condition = (status: 'True' | 'False', reason: string, message: string) => [
    { type: 'Ready', status, reason, message, lastTransitionTime: ago(20) },
  ];
  return [
    session('terminal-x7k2p', 'Running', {
      template: of('terminal'),
      metadata: { creationTimestamp: ago(124) },
      status: {
        runningSince: ago(123),
        startedAt: ago(124),
        stages: stages(124, 6),
        pod: 'terminal-x7k2p-0',
        conditions: condition('True', 'Running', 'The desktop answers.'),
      },
    }),
    session('firefox-9qd4m', 'Starting', {
      template: of('firefox'),
      metadata: { creationTimestamp: ago(0.05) },
      status: { startedAt: ago(0.05), stages: stages(0.05, 3), reason: 'Starting', message: 'Waits for the desktop to answer.' },
    }),
    session('vscode-w31ab', 'Hibernated', {
      template: of('vscode'),
      metadata: { creationTimestamp: ago(60 * 30) },
      status: { message: 'Stopped; the home is kept.' },
    }),
    session('jupyter-long-name-of-a-report-for-november', 'Failed', {
      template: of('jupyter'),
      namespace: 'team-data',
      metadata: { creationTimestamp: ago(33) },
      status: {
        reason: 'ImageNotFound',
        message: 'The image localhost/jupyter:1 is not on any node, and it cannot be pulled: registry answered "not found".',
        startedAt: ago(33),
        stages: stages(33, 3),
        conditions: condition('False', 'ImageNotFound', 'The image localhost/jupyter:1 is not on any node.'),
      },
    }),
    session('terminal-old', 'Terminated', { template: of('terminal'), metadata: { creationTimestamp: ago(60 * 24 * 5) } }),
    session('xfce-lead', 'Running', {
      template: of('xfce'),
      owner: 'lead',
      metadata: { creationTimestamp: ago(300) },
      status: { runningSince: ago(299) },
      may: { control: false, exec: false, update: false, delete: false },
    }),
  ];
}

function gitSyncs(ago: (minutes: number) => string): GitSyncView[] {
  const revision = '3f9c1e7ab2d45688f0c1d2e3a4b5c6d7e8f90123';
  const broken = '77aa10c4e5f60718293a4b5c6d7e8f9001122334';
  const none = { create: 0, configure: 0, replace: 0, unchanged: 0, delete: 0, skip: 0, blocked: 0, warnings: [] };
  return [
    gitSync('platform', {
      revision,
      attempted: revision,
      commit: { author: 'Lena Lead', message: 'Give Firefox two cores and say so in its summary', time: ago(14) },
      health: 'Healthy',
      objects: 48,
      lastSyncAt: ago(13),
      lastAttemptAt: ago(13),
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Synced',
          message: 'Revision 3f9c1e7a is applied and healthy.',
          lastTransitionTime: ago(13),
        },
        {
          type: 'Drifted',
          status: 'False',
          reason: 'NoDrift',
          message: 'The cluster is as Git says.',
          lastTransitionTime: ago(13),
        },
      ],
      plan: {
        ...none,
        revision,
        create: 1,
        configure: 1,
        unchanged: 46,
        changes: [
          {
            action: 'create',
            object: 'streamspace.io/Template/streamspace/xfce',
            file: 'templates/xfce.ts',
            line: 4,
            reason: 'new in Git',
          },
          {
            action: 'configure',
            object: 'streamspace.io/Template/streamspace/firefox',
            file: 'templates/firefox.ts',
            line: 12,
            reason: 'spec.resources.cpuLimit: 1 → 2',
          },
        ],
      },
    }),
    gitSync(
      'data-science',
      {
        revision,
        attempted: broken,
        commit: { author: 'Dana Data', message: 'Add the GPU notebook', time: ago(3) },
        health: 'Degraded',
        objects: 9,
        lastSyncAt: ago(60 * 5),
        lastAttemptAt: ago(1),
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'YamlInvalid',
            message: 'templates/gpu.yaml:17: mapping values are not allowed here',
            lastTransitionTime: ago(3),
          },
          {
            type: 'Drifted',
            status: 'True',
            reason: 'DriftFound',
            message: 'ConfigMap motd was changed by kubectl-edit.',
            lastTransitionTime: ago(40),
          },
        ],
        problems: [
          { code: 'YamlInvalid', message: 'mapping values are not allowed here', file: 'templates/gpu.yaml', line: 17 },
          {
            code: 'DeletionsBlocked',
            message: '7 of 9 objects would be deleted, more than 50 %.',
            object: '/ConfigMap/team-data/motd',
          },
        ],
        plan: {
          ...none,
          revision: broken,
          delete: 7,
          blocked: 1,
          unchanged: 2,
          warnings: ['spec.replicas of Deployment cache is also written by horizontal-pod-autoscaler.'],
          changes: [
            {
              action: 'blocked',
              object: 'apps/Deployment/team-data/cache',
              file: 'apps/cache.yaml',
              line: 1,
              reason: 'spec.selector is immutable',
            },
            { action: 'delete', object: '/ConfigMap/team-data/motd', reason: 'left Git' },
          ],
        },
      },
      { url: 'https://git.example.org/data/desktops.git', path: 'clusters/lab', ref: { tag: 'v2.3' } },
    ),
    gitSync(
      'sandbox',
      {
        revision,
        attempted: broken,
        objects: 12,
        health: 'Progressing',
        operation: {
          phase: 'WaitingForHealth',
          revision: broken,
          startedAt: ago(0.4),
          done: 9,
          total: 12,
          waitingFor: ['apps/Deployment/sandbox/web', '/PersistentVolumeClaim/sandbox/data'],
        },
        units: [
          { name: 'web', path: 'teams/web', objects: 9, ready: true, revision: broken },
          {
            name: 'data',
            path: 'teams/data',
            objects: 3,
            ready: false,
            problem: {
              code: 'YamlInvalid',
              message: 'mapping values are not allowed here',
              file: 'teams/data/gpu.yaml',
              line: 17,
            },
          },
        ],
      },
      {
        dependsOn: [{ name: 'platform' }],
        windows: [
          {
            kind: 'Deny',
            schedule: '0 8 * * MON-FRI',
            duration: '10h',
            timeZone: 'Europe/Berlin',
            manual: true,
            description: 'People work in it',
          },
        ],
      },
    ),
    gitSync('drafts', { objects: 0 }, { suspend: true }),
  ];
}
