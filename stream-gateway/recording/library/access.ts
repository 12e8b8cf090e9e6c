// Who may see a recording, and who may watch it (G-64). The API server says who has a right; the policy that was in force narrows
// that, and never widens it. `recordings.streamspace.io` is a resource that exists in rights only.
import type { Queryable } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { groupOfViewer, type ViewerRole } from '../../../schemas/kinds/policies/recording-rules.ts';
import type { Question } from '../../auth/decisions.ts';
import type { Identity } from '../../auth/identity.ts';
import type { RequireStepUp } from '../../auth/step-up.ts';
import type { Person } from '../../store/people.ts';
import { type Horizon, namespacesOfRecordings } from '../../store/recordings/read.ts';
import type { Recording } from '../../store/recordings/recording.ts';
import type { Reader } from './present.ts';

type Answer = (person: Person, question: Question) => Promise<boolean>;

/** See auth/decisions.ts: `allowed` may be a few seconds old, `ask` is asked now. */
export interface Asking {
  readonly ask: Answer;
  readonly allowed: Answer;
}

/**
 * As what the person may know of the recording (`list`) or watch it (`get`), as far as rights go. None to know of it: for him it does
 * not exist.
 */
export async function rolesOf(
  answer: Answer,
  person: Person,
  recording: Recording,
  verb: 'list' | 'get',
): Promise<readonly ViewerRole[]> {
  const { namespace, name } = recording.session;
  const roles: ViewerRole[] = [];
  if (recording.owner === person.name) roles.push('Owner');
  else if (recording.participants.includes(person.name)) roles.push('Participant');
  // Who has left the team has left its recordings.
  const sessions = { verb: 'get', resource: 'sessions', namespace } as const;
  const stillThere = roles.length > 0 && ((await answer(person, sessions)) || (await answer(person, { ...sessions, name })));
  const auditor = await answer(person, { verb, resource: 'recordings', namespace });
  return [...(stillThere ? roles : []), ...(auditor ? (['Auditor'] as const) : [])];
}

/** Whether one of the roles is among the viewers; a group is part of those who have the right. */
export function letsWatch({ rules: { viewers } }: Recording, roles: readonly ViewerRole[], person: Person): boolean {
  const inGroup = viewers.some((viewer) => person.groups.includes(groupOfViewer(viewer) ?? ''));
  return roles.some((role) => viewers.includes(role) || (role === 'Auditor' && inGroup));
}

export interface WatchPorts {
  readonly ask: Answer;
  /** See auth/step-up.ts. @throws StepUpRequired */
  readonly stepUp: RequireStepUp;
}

/**
 * Asked anew for every segment: a right that is taken away ends what runs.
 * @param how whether it is to leave the platform, and to where
 * @throws NotFound @throws RecordingDeleted @throws RecordingViewForbidden @throws RecordingDownloadOff @throws StepUpRequired
 */
export async function requireWatch(
  { ask, stepUp }: WatchPorts,
  identity: Identity,
  recording: Recording,
  { download, address }: { readonly download: boolean; readonly address: string },
): Promise<void> {
  const { person } = identity;
  const known = await rolesOf(ask, person, recording, 'list');
  if (known.length === 0) throw noRecording(recording.id);
  const roles = await rolesOf(ask, person, recording, 'get');
  if (recording.deletingAt !== null) throw new StreamSpaceError('RecordingDeleted', `recording ${recording.id} was deleted`);
  if (!letsWatch(recording, roles, person)) {
    const viewers = recording.rules.viewers.join(', ') || 'nobody';
    throw new StreamSpaceError('RecordingViewForbidden', `${person.name} may not watch it: its policy lets ${viewers} watch`);
  }
  if (download && !recording.rules.download)
    throw new StreamSpaceError('RecordingDownloadOff', `the policy of recording ${recording.id} lets nobody download it`);
  const { namespace } = recording.session;
  await stepUp(identity, address, { for: 'ViewRecording', namespace, anyway: recording.rules.stepUp });
}

/** What the page shows and hides; undefined: for this person there is no such recording. */
export async function readerOf({ allowed }: Asking, person: Person, recording: Recording): Promise<Reader | undefined> {
  const [first, ...others] = await rolesOf(allowed, person, recording, 'list');
  if (first === undefined) return undefined;
  const watching = await rolesOf(allowed, person, recording, 'get');
  const on = { resource: 'recordings', namespace: recording.session.namespace } as const;
  return {
    roles: [first, ...others],
    watch: letsWatch(recording, watching, person),
    hold: await allowed(person, { verb: 'hold', ...on }),
    delete: await allowed(person, { verb: 'delete', ...on }),
  };
}

/** What is not to be seen is not there. */
export function noRecording(id: string): StreamSpaceError {
  return new StreamSpaceError('NotFound', `there is no recording ${id}`);
}

/** Of the list: all of the namespaces where the person has the right, and what he was in himself. */
export async function horizonOf(decisions: Asking, db: Queryable, person: Person): Promise<Horizon> {
  if (await decisions.allowed(person, { verb: 'list', resource: 'recordings' })) return 'everything';
  const namespaces: string[] = [];
  for (const namespace of await namespacesOfRecordings(db))
    if (await decisions.allowed(person, { verb: 'list', resource: 'recordings', namespace })) namespaces.push(namespace);
  return { namespaces, person: person.name };
}
