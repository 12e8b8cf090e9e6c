// Every route, asked by every role, beside what the API server says of the same right.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Resource } from '../../runtime/kube/types.ts';
import {
  AUDITORS_GROUP,
  kubernetesGroups,
  kubernetesUser,
  PLATFORM_ADMINS_GROUP,
  SYSTEM_NAMESPACE,
} from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { auditOf } from '../support/audit.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  admin: [PLATFORM_ADMINS_GROUP],
  lead: [],
  member: [],
  viewer: [],
  auditor: [AUDITORS_GROUP],
};
const PEOPLE = Object.keys(GROUPS);
const ID = randomUUID().slice(0, 8);
const OWNED = `rights-${ID}`;
const SESSIONS = '/namespaces/team-web/sessions';

type Right = {
  /** Default: ours. */
  readonly group?: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
};

interface Row {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: (person: string) => string;
  readonly body?: (person: string) => unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the API server is asked; left out: everybody who is signed in may. */
  readonly right?: (person: string) => Right;
  /** A second factor is asked for, which an API key cannot give. */
  readonly needsFactor?: true;
  /** Exactly one event a call, with and without the right (P-02-2). */
  readonly event?: string;
}

interface Listed {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly maturity?: string };
}

/** No role has it: for what a person may by what he is, and others by nothing. */
const NOBODY: Right = { group: 'nobody.invalid', verb: 'get', resource: 'nothing' };
/** Of none: what is not there and what one may not know of look alike. Who may what is in recordings-api.test.ts. */
const RECORDING = `/recordings/${randomUUID()}`;

let gitSync = { namespace: '', name: '' };

const inTeam = (verb: string, name?: string) => (): Right => ({
  verb,
  resource: 'sessions',
  namespace: 'team-web',
  ...(name === undefined ? {} : { name }),
});

const inMachines = (verb: string) => (): Right => ({ verb, resource: 'machines', namespace: 'team-web' });

const ofGitSync = (path: string): string => `/namespaces/${gitSync.namespace}/gitsyncs/${gitSync.name}${path}`;

/** Of files: the right to control. Nothing is asked of the desktop, which may still be starting: each wish is refused for itself. */
const ofFiles = (method: Row['method'], path: string, rest: Pick<Row, 'body' | 'event'> = {}): Row => ({
  method,
  path: () => `${SESSIONS}/${OWNED}/files${path}`,
  right: inTeam('control', OWNED),
  ...rest,
});

/** As a browser names a set of monitors. */
const MONITORS = '0'.repeat(64);
const NO_UPLOAD = `/uploads/${'0'.repeat(32)}`;

const action = (verb: string, event: string): Row => ({
  method: 'POST',
  path: () => ofGitSync(`/${verb}`),
  right: () => ({ verb: 'patch', resource: 'gitsyncs', ...gitSync }),
  event,
});

const ofAudit = (path: string): Row => ({
  method: 'GET',
  path: () => `/audit${path}`,
  right: () => ({ verb: 'list', resource: 'auditevents' }),
});

/** Of somebody who is not there: refused as such for whoever may. */
const ofPeople = (method: Row['method'], path: string, verb: string, event?: string): Row => ({
  method,
  path: () => `/people${path}`,
  right: () => ({ verb, resource: 'people' }),
  ...(event === undefined ? {} : { event }),
});

const reading = (path: string): Row => ({
  method: 'GET',
  path: () => ofGitSync(path),
  right: () => ({ verb: 'get', resource: 'gitsyncs', ...gitSync }),
});

/** Of a share, person or guest that is not there: refused as such for whoever controls the session. */
const ofShare = (method: 'PATCH' | 'DELETE', path: string, event: string, body?: object): Row => ({
  method,
  path: () => `${SESSIONS}/${OWNED}${path}`,
  ...(body === undefined ? {} : { body: () => body }),
  right: inTeam('control', OWNED),
  event,
});

const ofChange = (method: 'GET' | 'POST', path: string, verb: string, event?: string): Row => ({
  method,
  path: () => `/namespaces/team-web/changes${path}`,
  right: () => ({
    verb,
    resource: 'changerequests',
    namespace: 'team-web',
    ...(verb === 'create' ? {} : { name: 'rights-none' }),
  }),
  ...(event === undefined ? {} : { event }),
});

/** By operation of the OpenAPI document; a list is judged by its content below. */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  getMe: [{ method: 'GET', path: () => '/me' }],
  listErrorCodes: [{ method: 'GET', path: () => '/errors' }],
  getErrorCode: [{ method: 'GET', path: () => '/errors/Forbidden' }],
  getHealth: [{ method: 'GET', path: () => '/health', right: () => ({ verb: 'get', resource: 'health' }) }],
  getHealthProbe: [{ method: 'GET', path: () => '/health/probe' }],
  getOpenApi: [{ method: 'GET', path: () => '/openapi.json' }],
  listApiKeys: [{ method: 'GET', path: () => '/me/api-keys' }],
  createApiKey: [
    {
      method: 'POST',
      path: () => '/me/api-keys',
      body: () => ({ name: `rights ${ID}`, expiresInDays: 1 }),
      event: 'apikey.created',
    },
  ],
  rotateApiKey: [{ method: 'POST', path: () => '/me/api-keys/000000000000/rotate', body: () => ({}), event: 'apikey.rotated' }],
  revokeApiKey: [{ method: 'DELETE', path: () => '/me/api-keys/000000000000', event: 'apikey.revoked' }],
  getSecondFactor: [{ method: 'GET', path: () => '/second-factor' }],
  beginPasskeyProof: [{ method: 'POST', path: () => '/second-factor/passkey-options' }],
  giveSecondFactor: [
    { method: 'POST', path: () => '/second-factor', body: () => ({ method: 'Totp', code: '000000' }), event: 'factor.used' },
  ],
  listFactors: [{ method: 'GET', path: () => '/me/factors' }],
  beginPasskey: [{ method: 'POST', path: () => '/me/factors/passkey-options', needsFactor: true }],
  createPasskey: [
    {
      ...{ method: 'POST', path: () => '/me/factors/passkeys', needsFactor: true },
      body: () => ({
        name: 'key',
        response: { id: 'a', rawId: 'a', type: 'public-key', response: { clientDataJSON: 'a', attestationObject: 'a' } },
      }),
    },
  ],
  removePasskey: [{ method: 'DELETE', path: () => '/me/factors/passkeys/a', needsFactor: true }],
  beginTotp: [{ method: 'POST', path: () => '/me/factors/totp', needsFactor: true }],
  confirmTotp: [{ method: 'PUT', path: () => '/me/factors/totp', body: () => ({ code: '000000' }), needsFactor: true }],
  removeTotp: [{ method: 'DELETE', path: () => '/me/factors/totp', needsFactor: true }],
  issueRecoveryCodes: [{ method: 'POST', path: () => '/me/factors/recovery-codes', needsFactor: true }],
  resetFactors: [{ method: 'DELETE', path: () => '/people/nobody/factors', needsFactor: true }],
  listSignIns: [{ method: 'GET', path: () => '/me/sign-ins' }],
  endSignIn: [{ method: 'DELETE', path: () => `/me/sign-ins/${randomUUID()}`, event: 'signin.ended' }],
  endOtherSignIns: [{ method: 'DELETE', path: () => '/me/sign-ins', event: 'signin.ended' }],
  listPeople: [ofPeople('GET', '?limit=1', 'list')],
  getPerson: [ofPeople('GET', '/nobody-here', 'get')],
  endSignInsOfPerson: [ofPeople('DELETE', '/nobody-here/sign-ins', 'update', 'signin.ended')],
  lockPerson: [{ ...ofPeople('PUT', `/rights-${ID}/lock`, 'update', 'person.locked'), body: () => ({ reason: 'a test' }) }],
  unlockPerson: [ofPeople('DELETE', `/rights-${ID}/lock`, 'update', 'person.unlocked')],
  deletePerson: [ofPeople('DELETE', '/nobody-here', 'delete', 'person.deleted')],
  getDisplayLayout: [{ method: 'GET', path: () => `/me/display-layouts/${MONITORS}` }],
  putDisplayLayout: [
    {
      method: 'PUT',
      path: () => `/me/display-layouts/${MONITORS}`,
      body: () => ({ displays: [{ column: 0, row: 0, monitor: null }] }),
    },
  ],
  listTemplates: [{ method: 'GET', path: () => '/templates' }],
  listGitSyncs: [{ method: 'GET', path: () => '/gitsyncs' }],
  listAllSessions: [{ method: 'GET', path: () => '/sessions' }],
  getTemplate: [
    {
      method: 'GET',
      path: () => '/namespaces/streamspace/templates/terminal',
      right: () => ({ verb: 'get', resource: 'templates', namespace: 'streamspace', name: 'terminal' }),
    },
  ],
  getGitSync: [
    {
      method: 'GET',
      path: () => `/namespaces/${gitSync.namespace}/gitsyncs/${gitSync.name}`,
      right: () => ({ verb: 'get', resource: 'gitsyncs', ...gitSync }),
    },
  ],
  requestSync: [
    {
      method: 'POST',
      path: () => `/namespaces/${gitSync.namespace}/gitsyncs/${gitSync.name}/sync`,
      right: () => ({ verb: 'patch', resource: 'gitsyncs', ...gitSync }),
      event: 'gitsync.requested',
    },
  ],
  suspendGitSync: [action('suspend', 'gitsync.suspended')],
  resumeGitSync: [action('resume', 'gitsync.resumed')],
  // Of a revision that nobody plans: refused as outdated for whoever may.
  confirmDeletions: [{ ...action('confirm', 'gitsync.confirmed'), body: () => ({ revision: '0'.repeat(40) }) }],
  listSyncs: [reading('/history')],
  getSyncTree: [reading('/tree')],
  explainObject: [reading('/objects/streamspace.io/Template/streamspace/terminal')],
  diffObject: [reading('/objects/streamspace.io/Template/streamspace/terminal/diff')],
  listSessions: [
    { method: 'GET', path: () => SESSIONS, right: inTeam('list') },
    {
      method: 'GET',
      path: () => '/namespaces/streamspace/sessions',
      right: () => ({ verb: 'list', resource: 'sessions', namespace: 'streamspace' }),
    },
  ],
  getSession: [{ method: 'GET', path: () => `${SESSIONS}/${OWNED}`, right: inTeam('get', OWNED) }],
  createSession: [
    {
      method: 'POST',
      path: () => SESSIONS,
      body: (person) => ({ metadata: { name: `rights-${ID}-${person}` }, spec: { template: 'terminal' } }),
      right: inTeam('create'),
      event: 'session.created',
    },
    {
      method: 'POST',
      path: () => SESSIONS,
      body: (person) => ({ metadata: { name: `rights-${ID}-for-${person}` }, spec: { template: 'terminal', owner: 'somebody' } }),
      right: inTeam('assign'),
      event: 'session.created',
    },
  ],
  getQuota: [{ method: 'GET', path: () => '/quota?namespace=team-web&template=streamspace/terminal', right: inTeam('create') }],
  listQuotas: [{ method: 'GET', path: () => '/quotas' }],
  updateSession: [
    {
      method: 'PATCH',
      path: () => `${SESSIONS}/${OWNED}`,
      body: () => ({ spec: { desiredState: 'Running' } }),
      right: inTeam('patch', OWNED),
      event: 'session.updated',
    },
  ],
  // What a policy lets is in session-lifetime.test.ts; here none lets anything.
  snoozeSession: [
    { method: 'POST', path: () => `${SESSIONS}/${OWNED}/snooze`, right: inTeam('control', OWNED), event: 'session.snoozed' },
  ],
  deleteSession: [
    { method: 'DELETE', path: () => `${SESSIONS}/rights-none`, right: inTeam('delete', 'rights-none'), event: 'session.deleted' },
  ],
  createTicket: [
    {
      method: 'POST',
      path: () => `${SESSIONS}/${OWNED}/tickets`,
      body: () => ({ right: 'control' }),
      right: inTeam('control', OWNED),
      event: 'ticket.issued',
    },
    {
      method: 'POST',
      path: () => `${SESSIONS}/${OWNED}/tickets`,
      body: () => ({ right: 'view' }),
      right: inTeam('observe', OWNED),
      event: 'ticket.issued',
    },
  ],
  createConsoleTicket: [
    {
      method: 'POST',
      // Of a session that is not there: whether a policy lets it have a console is another question (console.test.ts).
      path: () => `${SESSIONS}/rights-none/console-tickets`,
      right: inTeam('exec', 'rights-none'),
      event: 'ticket.issued',
    },
  ],
  listRecordings: [{ method: 'GET', path: () => '/recordings?limit=1' }],
  getRecording: [{ method: 'GET', path: () => RECORDING }],
  listRecordingSegments: [{ method: 'GET', path: () => `${RECORDING}/segments` }],
  listRecordingEvents: [{ method: 'GET', path: () => `${RECORDING}/events` }],
  getRecordingSegment: [{ method: 'GET', path: () => `${RECORDING}/segments/1` }],
  getRecordingSegmentRecords: [{ method: 'GET', path: () => `${RECORDING}/segments/1/records` }],
  holdRecording: [
    {
      method: 'POST',
      path: () => `${RECORDING}/hold`,
      body: () => ({ held: true, reason: 'a case' }),
      event: 'recording.held',
    },
  ],
  deleteRecording: [
    {
      method: 'POST',
      path: () => `${RECORDING}/deletion`,
      body: () => ({ reason: 'a wish' }),
      event: 'recording.deletion-requested',
    },
  ],
  getSessionRecording: [{ method: 'GET', path: () => `${SESSIONS}/${OWNED}/recording`, right: inTeam('get', OWNED) }],
  recordSession: [
    {
      method: 'POST',
      path: () => `${SESSIONS}/${OWNED}/recording`,
      body: () => ({ record: true }),
      right: inTeam('patch', OWNED),
      event: 'recording.requested',
    },
  ],
  consentToRecording: [
    {
      method: 'POST',
      path: () => `${SESSIONS}/${OWNED}/recording/consent`,
      body: () => ({ agreed: true }),
      right: (person) => (person === 'member' ? inTeam('get', OWNED)() : NOBODY),
      event: 'recording.consent',
    },
  ],
  createShare: [
    {
      method: 'POST',
      path: () => `${SESSIONS}/${OWNED}/shares`,
      body: () => ({ subjects: [{ kind: 'User', name: 'nobody' }], mode: 'View', expiresInMinutes: 1 }),
      right: inTeam('control', OWNED),
      event: 'share.created',
    },
  ],
  listShares: [{ method: 'GET', path: () => `${SESSIONS}/${OWNED}/shares`, right: inTeam('control', OWNED) }],
  updateShare: [ofShare('PATCH', '/shares/none', 'share.changed', { mode: 'View' })],
  revokeShare: [ofShare('DELETE', '/shares/none', 'share.revoked')],
  listSharedSessions: [{ method: 'GET', path: () => '/shared-sessions' }],
  listParticipants: [{ method: 'GET', path: () => `${SESSIONS}/${OWNED}/participants`, right: inTeam('observe', OWNED) }],
  decideControl: [ofShare('PATCH', `/participants/${randomUUID()}`, 'control.given', { control: 'Given' })],
  kickParticipant: [ofShare('DELETE', `/participants/${randomUUID()}`, 'participant.kicked')],
  decideVisit: [ofShare('PATCH', `/visits/${randomUUID()}`, 'guest.admitted', { state: 'Admitted' })],
  // For one who is in the session, which nobody is here.
  requestControl: [
    {
      method: 'POST',
      path: () => `${SESSIONS}/${OWNED}/control-requests`,
      body: () => ({ asking: true }),
      event: 'control.asked',
    },
  ],
  // Anybody may try; what is no secret and no pass is refused as such.
  openLink: [{ method: 'POST', path: () => '/share/visits', body: () => ({ secret: 'x' }), event: 'share.used' }],
  getVisit: [{ method: 'POST', path: () => '/share/visits/state', body: () => ({ pass: 'x' }) }],
  createVisitTicket: [{ method: 'POST', path: () => '/share/tickets', body: () => ({ pass: 'x' }), event: 'ticket.issued' }],
  requestControlAsVisitor: [
    {
      method: 'POST',
      path: () => '/share/control-requests',
      body: () => ({ pass: 'x', asking: true }),
      event: 'control.asked',
    },
  ],
  listFiles: [ofFiles('GET', '?path=..%2Fabove')],
  createFolder: [ofFiles('POST', '/folders', { body: () => ({ path: '../above' }), event: 'folder.created' })],
  downloadFile: [{ ...ofFiles('GET', '/content?path='), event: 'files.downloaded' }],
  downloadFolder: [{ ...ofFiles('GET', '/archive?path=nowhere'), event: 'files.downloaded' }],
  beginUpload: [ofFiles('POST', '/uploads', { body: () => ({ path: '../above', bytes: 1 }) })],
  getUpload: [ofFiles('GET', NO_UPLOAD)],
  putUploadPart: [ofFiles('PUT', `${NO_UPLOAD}?offset=0`)],
  commitUpload: [ofFiles('POST', `${NO_UPLOAD}/commit`, { event: 'files.uploaded' })],
  cancelUpload: [ofFiles('DELETE', NO_UPLOAD)],
  listAuditEvents: [ofAudit('?limit=1')],
  exportAuditEvents: [{ ...ofAudit('/export?q=actor:nobody'), event: 'audit.exported' }],
  listAuditViews: [ofAudit('/views')],
  putAuditView: [{ ...ofAudit('/views/rights'), method: 'PUT', body: () => ({ query: 'result:denied' }) }],
  deleteAuditView: [{ ...ofAudit('/views/rights'), method: 'DELETE' }],
  listAuditMonths: [ofAudit('/months')],
  readAuditRows: [ofAudit('/months/2020-01/rows')],
  holdAuditMonth: [
    {
      method: 'POST',
      path: () => '/audit/months/2020-01/hold',
      body: () => ({ held: true, reason: 'a test' }),
      right: () => ({ verb: 'hold', resource: 'auditevents' }),
      event: 'audit.held',
    },
  ],
  readAuditCheckpoints: [ofAudit('/checkpoints')],
  listChanges: [{ method: 'GET', path: () => '/changes' }],
  getChange: [ofChange('GET', '/rights-none', 'get')],
  // Not there: told as such to whoever may read it.
  getEditable: [
    {
      method: 'GET',
      path: () => '/namespaces/team-web/editable/Quota/rights-none',
      right: () => ({ verb: 'get', resource: 'quotas', namespace: 'team-web', name: 'rights-none' }),
    },
  ],
  getClusterEditable: [
    {
      method: 'GET',
      path: () => '/editable/AccessRole/rights-none',
      right: () => ({ verb: 'get', resource: 'accessroles', name: 'rights-none' }),
    },
    { method: 'GET', path: () => '/editable/Team/nosuch-team', right: () => ({ verb: 'list', resource: 'teams' }) },
  ],
  // For a GitSync that is not there: refused as such for whoever may ask.
  createChange: [
    {
      ...ofChange('POST', '', 'create', 'change.requested'),
      body: () => ({
        ...{ reason: 'a test', target: { namespace: 'team-web', name: 'none' } },
        edits: [{ action: 'Delete', object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'team-web', name: 'none' } }],
      }),
    },
  ],
  // Of one that is not there: whoever may read it is told so.
  approveChange: [
    { ...ofChange('POST', '/rights-none/approve', 'get', 'change.approved'), body: () => ({ commit: '0'.repeat(40) }) },
  ],
  rejectChange: [{ ...ofChange('POST', '/rights-none/reject', 'get', 'change.rejected'), body: () => ({ reason: 'no' }) }],
  withdrawChange: [ofChange('POST', '/rights-none/withdraw', 'get', 'change.withdrawn')],
  listTeams: [{ method: 'GET', path: () => '/teams' }],
  getTeam: [{ method: 'GET', path: () => '/teams/nosuch-team', right: () => ({ verb: 'list', resource: 'teams' }) }],
  listMachines: [{ method: 'GET', path: () => '/teams/web/machines', right: inMachines('list') }],
  createMachineKey: [
    {
      method: 'POST',
      path: () => '/teams/web/machines/nosuch/api-keys',
      body: () => ({ name: `rights ${ID}`, expiresInDays: 1 }),
      right: inMachines('update'),
      event: 'apikey.created',
    },
  ],
  rotateMachineKey: [
    {
      method: 'POST',
      path: () => '/teams/web/machines/nosuch/api-keys/000000000000/rotate',
      body: () => ({}),
      right: inMachines('update'),
      event: 'apikey.rotated',
    },
  ],
  revokeMachineKey: [
    {
      method: 'DELETE',
      path: () => '/teams/web/machines/nosuch/api-keys/000000000000',
      right: inMachines('update'),
      event: 'apikey.revoked',
    },
  ],
  listAccessGrants: [
    { method: 'GET', path: () => '/access/grants' },
    { method: 'GET', path: () => '/access/grants?user=somebody', right: () => ({ verb: 'list', resource: 'auditevents' }) },
  ],
  explainAccess: [
    { method: 'GET', path: (person) => `/access/explain?user=${person}&verb=get&namespace=team-web` },
    {
      method: 'GET',
      path: () => '/access/explain?user=somebody&verb=get&namespace=team-web',
      right: () => ({ verb: 'list', resource: 'auditevents' }),
    },
  ],
};

let client: OwnedKubeClient;

function allowed(person: string, right: Right): Promise<boolean> {
  const who = { user: kubernetesUser(person), groups: [...kubernetesGroups(GROUPS[person] ?? []), 'system:authenticated'] };
  return client.review({ group: 'streamspace.io', ...right }, who).then((review) => review.allowed);
}

/** What the gateway lists, as namespace/name. */
async function listedFor(person: string, path: string): Promise<readonly string[]> {
  const { body } = await apiAs(servers, person).get<{ readonly items: readonly Listed[] }>(path);
  return body.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** What the API server says may be listed, drafts only for who may change them. */
async function listableFor(person: string, resource: Resource): Promise<readonly string[]> {
  const { items } = await client.list<Listed>(resource);
  const names: string[] = [];
  for (const { metadata, spec } of items) {
    const right = { resource: resource.plural, namespace: metadata.namespace };
    const list = await allowed(person, { verb: 'list', ...right });
    const drafts = spec.maturity !== 'draft' || (await allowed(person, { verb: 'update', ...right }));
    if (list && drafts) names.push(`${metadata.namespace}/${metadata.name}`);
  }
  return names;
}

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const [own] = (await client.list(RESOURCES.gitSyncs, { namespace: SYSTEM_NAMESPACE })).items;
  gitSync = { namespace: SYSTEM_NAMESPACE, name: own?.metadata.name ?? '' };
  const created = await apiAs(servers, 'member').send('POST', SESSIONS, {
    metadata: { name: OWNED },
    spec: { template: 'terminal' },
  });
  expect(created.status).toBe(201);
  await eventually('the owner has his rights', () => allowed('member', inTeam('control', OWNED)()));
});

afterAll(async () => {
  const { items } = await client.list(RESOURCES.sessions, { namespace: 'team-web' });
  for (const { metadata } of items)
    if (metadata.name.startsWith(`rights-${ID}`)) await client.delete(RESOURCES.sessions, 'team-web', metadata.name);
  await client[Symbol.asyncDispose]();
});

test('P-01-1 every route of the API is in the table of rights', async () => {
  const { body } = await apiAs(servers, 'viewer').get<{
    readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  }>('/openapi.json');
  const operations = Object.values(body.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
  expect(operations.sort()).toEqual(Object.keys(TABLE).sort());
});

test('every reference of the OpenAPI document leads to a schema', async () => {
  const { body } = await apiAs(servers, 'viewer').get<object>('/openapi.json');
  const refs = new Set([...JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? ''));
  expect(refs.size).toBeGreaterThan(20);
  const at = (ref: string): unknown =>
    ref
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), body);
  expect([...refs].filter((ref) => !ref.startsWith('#/') || at(ref) === undefined)).toEqual([]);
});

describe.each(PEOPLE)('P-01-1 for %s', (person) => {
  const rows = Object.entries(TABLE).flatMap(([operation, list]) => list.map((row, index) => ({ operation, index, row })));

  test.each(rows)(
    '$operation ($index) answers as the API server says; P-02-2 with exactly one event for a change',
    async ({ row }) => {
      const requestId = randomUUID();
      const may = row.needsFactor !== true && (row.right === undefined || (await allowed(person, row.right(person))));
      const api = apiAs(servers, person);
      const headers = { 'x-request-id': requestId, ...row.headers };
      const answer =
        row.method === 'GET'
          ? await api.get(row.path(person), headers)
          : await api.send(row.method, row.path(person), row.body?.(person), headers);
      expect({ may: answer.status !== 403, status: answer.status }).toEqual({ may, status: answer.status });
      expect(answer.status).toBeLessThan(500);
      const events = await auditOf(servers, requestId);
      if (!may) {
        expect(events).toMatchObject([{ type: 'request.refused', actor: person, result: 'refused' }]);
        expect(answer.body).toMatchObject({ code: row.needsFactor === true ? 'StepUpRequired' : 'Forbidden', requestId });
      } else if (row.event === undefined) {
        expect(events).toEqual([]);
      } else {
        const result = answer.status < 300 ? 'success' : 'failure';
        expect(events).toMatchObject([{ type: row.event, actor: person, result }]);
        expect(events[0]?.source_address).toMatch(/^(127\.|::1)/);
      }
    },
  );

  test.each([
    ['/templates', RESOURCES.templates],
    ['/gitsyncs', RESOURCES.gitSyncs],
    ['/sessions', RESOURCES.sessions],
  ] as const)('%s holds exactly what the API server lets be listed', async (path, resource) => {
    // Other tests make and delete objects meanwhile, and the gateway hears of them a moment later.
    await expect
      .poll(
        async () => {
          const [listed, listable] = await Promise.all([listedFor(person, path), listableFor(person, resource)]);
          return {
            surplus: listed.filter((name) => !listable.includes(name)),
            missing: listable.filter((name) => !listed.includes(name)),
          };
        },
        { timeout: 20_000 },
      )
      .toEqual({ surplus: [], missing: [] });
  });
});

test('a request without a key or a cookie is told to sign in, and is no event', async () => {
  const requestId = randomUUID();
  const response = await fetch(`${servers.url}/api/v1/me`, { headers: { 'x-request-id': requestId } });
  expect(response.status).toBe(401);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(await response.json()).toMatchObject({ code: 'SignInRequired', status: 401, requestId });
  expect(await auditOf(servers, requestId)).toEqual([]);
});
