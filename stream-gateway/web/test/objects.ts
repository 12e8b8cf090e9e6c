// Objects as the gateway sends them, for tests and for preview/. Each takes what matters and fills in the rest.
import type { GitSyncView, Me, SessionView, TemplateView } from '../../../schemas/api/api.ts';
import type { PersonHere } from '../../../schemas/api/presence-notices.ts';
import type { RecordingDetail } from '../../../schemas/api/recordings.ts';
import type { ShareListView, ShareView } from '../../../schemas/api/sharing.ts';
import type { SyncView, TreeNode } from '../../../schemas/api/syncs.ts';
import { gitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync-spec.ts';
import type { SessionPhase } from '../../../schemas/kinds/sessions/session.ts';

type Meta = SessionView['metadata'];

let version = 1000;

export function metadataOf(namespace: string, name: string, overrides: Partial<Meta> = {}): Meta {
  version += 1;
  return {
    name,
    namespace,
    uid: `uid-${namespace}-${name}`,
    resourceVersion: String(version),
    creationTimestamp: '2026-11-20T08:00:00Z',
    generation: 1,
    ...overrides,
  };
}

export function template(
  name: string,
  spec: Partial<TemplateView['spec']> = {},
  options: { readonly namespace?: string } = {},
): TemplateView {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Template',
    metadata: metadataOf(options.namespace ?? 'streamspace', name),
    spec: {
      displayName: name,
      summary: '',
      icon: 'desktop',
      categories: [],
      tags: [],
      maturity: 'stable',
      featured: false,
      image: `localhost/${name}:1`,
      imagePullPolicy: 'IfNotPresent',
      desktop: { port: 5900, width: 1280, height: 800, tls: 'Opportunistic' },
      resources: { cpu: '250m', memory: '512Mi' },
      home: { size: '1Gi' },
      env: [],
      links: [],
      ...spec,
    },
  };
}

export function session(
  name: string,
  phase: SessionPhase,
  options: {
    readonly owner?: string;
    readonly namespace?: string;
    readonly template?: TemplateView;
    readonly status?: Partial<NonNullable<SessionView['status']>>;
    readonly may?: Partial<SessionView['may']>;
    readonly metadata?: Partial<Meta>;
  } = {},
): SessionView {
  const of = options.template ?? template('terminal', { displayName: 'Terminal', icon: 'terminal' });
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Session',
    metadata: metadataOf(options.namespace ?? 'team-web', name, options.metadata),
    spec: {
      template: `${of.metadata.namespace}/${of.metadata.name}`,
      owner: options.owner ?? 'member',
      desiredState: desiredStateOf(phase),
    },
    status: {
      phase,
      templateRef: {
        namespace: of.metadata.namespace ?? '',
        name: of.metadata.name,
        uid: of.metadata.uid,
        generation: 1,
        displayName: of.spec.displayName,
        icon: of.spec.icon,
      },
      ...options.status,
    },
    may: { control: true, observe: true, exec: true, update: true, delete: true, ...options.may },
  };
}

function desiredStateOf(phase: SessionPhase): SessionView['spec']['desiredState'] {
  if (phase === 'Hibernated' || phase === 'Hibernating') return 'Hibernated';
  return phase === 'Terminated' || phase === 'Terminating' ? 'Terminated' : 'Running';
}

export function gitSync(name: string, status: GitSyncView['status'], spec: Partial<GitSyncView['spec']> = {}): GitSyncView {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'GitSync',
    metadata: metadataOf('streamspace', name),
    // With the defaults that the API server fills in.
    spec: { ...gitSyncSpec.parse({ url: 'https://git.example.org/platform/desktops.git', interval: '1m' }), ...spec },
    status,
    may: { update: true },
  };
}

/** @param object `group/kind/namespace/name` */
export function treeNode(object: string, fields: Partial<TreeNode> = {}): TreeNode {
  const [group = '', kind = '', namespace = '', ...name] = object.split('/');
  return {
    object,
    group,
    kind,
    namespace,
    name: name.join('/'),
    unit: null,
    file: null,
    line: null,
    document: null,
    revision: 'a'.repeat(40),
    changedAt: '2026-11-24T10:00:00Z',
    commit: null,
    health: 'Healthy',
    message: '',
    children: [],
    ...fields,
  };
}

export function syncRecord(id: string, fields: Partial<SyncView> = {}): SyncView {
  return {
    id,
    uid: 'uid-streamspace-platform',
    revision: 'a'.repeat(40),
    previousRevision: null,
    author: 'Lena Lead',
    message: 'Give Firefox two cores',
    trigger: 'push',
    requestedBy: null,
    requestedByVerified: false,
    startedAt: '2026-11-24T10:00:00Z',
    finishedAt: '2026-11-24T10:00:02Z',
    result: 'synced',
    code: null,
    reason: null,
    attempts: 1,
    counts: {},
    written: 0,
    deleted: 0,
    changes: [],
    changesLeftOut: 0,
    problems: [],
    controller: 'controller-0',
    ...fields,
  };
}

export function person(overrides: Partial<Me> = {}): Me {
  return {
    name: 'member',
    displayName: 'Mira Member',
    groups: ['web-developers'],
    platformRole: null,
    teams: [{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'member' }],
    may: { gitSyncs: false, allSessions: false, audit: false, people: false, health: false },
    breakGlass: [],
    csrfToken: 'csrf-of-this-page',
    ...overrides,
  };
}

export function recording(overrides: Partial<RecordingDetail> = {}): RecordingDetail {
  return {
    id: '019aca00-0000-7000-8000-000000000001',
    session: { namespace: 'team-web', name: 'one', uid: 'uid-one' },
    owner: 'member',
    team: 'web',
    template: 'streamspace/terminal',
    policy: { name: 'streamspace/all', revision: 'c0ffee0123456789', hash: 'd'.repeat(64) },
    state: 'Complete',
    reason: null,
    startedAt: '2026-11-20T08:00:00Z',
    endedAt: '2026-11-20T08:02:00Z',
    durationMs: 120_000,
    bytes: 2_500_000,
    segments: 2,
    chain: 'e'.repeat(64),
    keyId: null,
    retentionUntil: '2027-02-18T08:02:00Z',
    hold: null,
    deleted: null,
    viewers: ['Owner', 'Auditor'],
    role: 'Owner',
    may: { watch: true, download: true, hold: false, delete: false },
    participants: [],
    gaps: [],
    views: [],
    ...overrides,
  };
}

/** As where no SessionPolicy applies. */
export const OPEN_SHARING: ShareListView['policy'] = {
  allow: 'Link',
  by: 'Everyone',
  modes: ['View', 'Control'],
  guests: false,
  requireApproval: false,
};

export function share(name: string, fields: Partial<ShareView> = {}): ShareView {
  return {
    ...{ name, subjects: null, mode: 'View', sharedBy: 'member', maxUses: null, uses: 0, viewers: 0 },
    ...{ createdAt: '2026-01-01T10:00:00Z', expiresAt: '2027-01-01T10:00:00Z', moderated: false, refusal: null },
    ...fields,
  };
}

export function personHere(id: string, name: string, fields: Partial<PersonHere> = {}): PersonHere {
  return {
    ...{ id, name, guest: false, owns: false, right: 'view', since: '2026-01-01T10:00:00Z', typing: false, asking: false },
    ...fields,
  };
}
