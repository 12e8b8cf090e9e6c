// Asking for a change and saying something of it. Each is written as the person, so the API server decides: rights by RBAC, and by
// admission that nobody writes another's name or approves his own (deploy/change-admission.ts). What is checked here is for good words.
import { randomBytes } from 'node:crypto';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { ChangeCreate } from '../../schemas/api/changes.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type ChangeRequestSpec, type ChangeReview, MAX_REVIEWS } from '../../schemas/kinds/changes/change-request.ts';
import type { GitSyncChanges } from '../../schemas/kinds/git-sync/git-sync-changes.ts';
import { API_GROUP_VERSION, GATEWAY_FIELD_MANAGER, isPersonal } from '../../schemas/names.ts';
import type { Decisions } from '../auth/decisions.ts';
import { impersonationOf } from '../auth/identity.ts';
import type { ChangeRequestJson, GitSyncJson } from '../sessions/kinds-json.ts';
import type { Person } from '../store/people.ts';
import { isOpen } from './present.ts';

export interface AskPorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly gitSyncs: () => Iterable<GitSyncJson>;
  readonly now: () => Date;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/**
 * @param approving asked where asking is approving as well @throws ChangeTargetMissing, ChangesNotConfigured, ChangeUntilPast, Forbidden, and
 *   what `approving` does
 */
export async function askForChange(
  ports: AskPorts,
  person: Person,
  namespace: string,
  { target, reason, edits, rollback, until }: ChangeCreate,
  approving: () => Promise<void>,
): Promise<ChangeRequestJson> {
  const { client, decisions } = ports;
  if (!(await decisions.ask(person, { verb: 'create', resource: 'changerequests', namespace })))
    throw new StreamSpaceError('Forbidden', `${person.name} may not ask for changes in the namespace ${namespace}`);
  const mayApprove = await decisions.ask(person, { verb: 'approve', resource: 'changerequests', namespace });
  const { requireApprovals } = configuredChanges(ports, target);
  requireToCome(until, ports.now());
  // Nobody else looks at it (controller/changes/approval-rules.ts).
  if (mayApprove && requireApprovals === 0) await approving();
  const spec: ChangeRequestSpec = {
    requestedBy: {
      name: person.name,
      ...(person.displayName === '' ? {} : { displayName: person.displayName.slice(0, 128) }),
      mayApprove,
    },
    reason,
    target,
    edits: [...edits],
    ...(rollback === undefined ? {} : { rollback }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    reviews: [],
    withdrawn: false,
  };
  const name = `${edits[0]?.object.kind.toLowerCase() ?? 'rollback'}-${randomBytes(5).toString('hex')}`;
  const manifest = { apiVersion: API_GROUP_VERSION, kind: 'ChangeRequest', metadata: { name, namespace }, spec };
  return await client
    .as(impersonationOf(person))
    .create<ChangeRequestJson>(RESOURCES.changeRequests, namespace, JSON.stringify(manifest), {
      fieldManager: GATEWAY_FIELD_MANAGER,
    });
}

/** The controller refuses it too; here it is told at once. */
function configuredChanges({ gitSyncs }: AskPorts, { namespace, name }: Place): GitSyncChanges {
  const sync = [...gitSyncs()].find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (sync === undefined) throw new StreamSpaceError('ChangeTargetMissing', `there is no GitSync ${namespace}/${name}`);
  if (sync.spec.changes === undefined)
    throw new StreamSpaceError('ChangesNotConfigured', `the GitSync ${namespace}/${name} has no spec.changes`);
  return sync.spec.changes;
}

function requireToCome(until: string | undefined, now: Date): void {
  if (until === undefined || Date.parse(until) > now.getTime()) return;
  throw new StreamSpaceError('ChangeUntilPast', `until is ${until}, and it is ${now.toISOString()} now`);
}

/** @throws Forbidden, ChangeOwn, ChangeApproverUnknown, ChangeClosed, ChangeOutdated */
export async function reviewChange(
  { client, decisions, now }: AskPorts,
  person: Person,
  { namespace, name }: Place,
  said: { readonly verdict: ChangeReview['verdict']; readonly commit: string | undefined; readonly reason: string | undefined },
): Promise<ChangeRequestJson> {
  const asPerson = client.as(impersonationOf(person));
  const change = await asPerson.get<ChangeRequestJson>(RESOURCES.changeRequests, namespace, name);
  if (!(await decisions.ask(person, { verb: 'approve', resource: 'changerequests', namespace, name })))
    throw new StreamSpaceError('Forbidden', `${person.name} may not approve or reject changes in the namespace ${namespace}`);
  if (change.spec.requestedBy.name === person.name)
    throw new StreamSpaceError('ChangeOwn', `${person.name} has asked for the change himself`);
  if (said.verdict === 'Approve' && !isPersonal(person.name))
    throw new StreamSpaceError('ChangeApproverUnknown', `behind ${person.name} may be whoever has asked for the change`);
  requireOpen(change);
  const { commit } = change.status ?? {};
  if (commit === undefined) throw new StreamSpaceError('ChangeOutdated', 'its commit is still being made');
  if (said.commit !== undefined && said.commit !== commit)
    throw new StreamSpaceError('ChangeOutdated', `its commit is ${commit} by now`);
  const before = change.spec.reviews ?? [];
  if (before.length >= MAX_REVIEWS) throw new StreamSpaceError('ChangeClosed', `${MAX_REVIEWS} reviews are the most it can have`);
  const { verdict, reason } = said;
  const review = { by: person.name, verdict, commit, at: now().toISOString(), ...(reason === undefined ? {} : { reason }) };
  return await patch(asPerson, change, { reviews: [...before, review] });
}

/** @throws ChangeClosed, Forbidden */
export async function withdrawChange(
  { client }: AskPorts,
  person: Person,
  { namespace, name }: Place,
): Promise<ChangeRequestJson> {
  const asPerson = client.as(impersonationOf(person));
  const change = await asPerson.get<ChangeRequestJson>(RESOURCES.changeRequests, namespace, name);
  if (change.spec.requestedBy.name !== person.name)
    throw new StreamSpaceError('Forbidden', `only ${change.spec.requestedBy.name}, who asked for it, can withdraw it`);
  if (change.spec.takesBack !== undefined)
    throw new StreamSpaceError('Forbidden', 'what was granted until a time is taken back, and nobody withdraws that');
  requireOpen(change);
  return await patch(asPerson, change, { withdrawn: true });
}

function requireOpen(change: ChangeRequestJson): void {
  if (isOpen(change)) return;
  const phase = change.spec.withdrawn ? 'withdrawn' : (change.status?.phase ?? 'over').toLowerCase();
  throw new StreamSpaceError('ChangeClosed', `the change request is ${phase}`);
}

/** What others wrote since is a conflict, never lost. */
async function patch(client: KubeClient, { metadata }: ChangeRequestJson, spec: object): Promise<ChangeRequestJson> {
  const { namespace, name, resourceVersion } = metadata;
  return await client.mergePatch<ChangeRequestJson>(
    RESOURCES.changeRequests,
    namespace,
    name,
    { metadata: { resourceVersion }, spec },
    { fieldManager: GATEWAY_FIELD_MANAGER },
  );
}
