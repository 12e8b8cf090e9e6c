// Whether a session is recorded, as far as a person decides it: by hand where policy says OnDemand, by consent where it says Consent.
import type { Queryable } from '../../../../runtime/db/database.ts';
import { RESOURCES } from '../../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../../runtime/kube/types.ts';
import { recordingConsent, recordingWish, type SessionRecording, sessionRecording } from '../../../../schemas/api/recordings.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { GATEWAY_FIELD_MANAGER } from '../../../../schemas/names.ts';
import { impersonationOf } from '../../../auth/identity.ts';
import type { Asking } from '../../../recording/library/access.ts';
import type { SessionJson } from '../../../sessions/kinds-json.ts';
import { recordingInForce, requirePolicy } from '../../../sessions/read-policy.ts';
import type { Person } from '../../../store/people.ts';
import { findConsent, saveConsent } from '../../../store/recordings/consents.ts';
import { type Route, route } from '../../route.ts';
import { objectPath } from '../parameters.ts';

export interface SessionRecordingPorts {
  readonly client: KubeClient;
  readonly db: Queryable;
  readonly now: () => Date;
  readonly asking: Pick<Asking, 'ask'>;
}

interface Place {
  readonly namespace: string;
  readonly name: string;
}

const PATH = '/namespaces/{namespace}/sessions/{name}/recording';
const named = { name: 'SessionRecording', schema: sessionRecording };
const objectOf = ({ namespace, name }: Place): string => `Session/${namespace}/${name}`;

export function sessionRecordingRoutes({ client, db, now, asking }: SessionRecordingPorts): readonly Route[] {
  const read = async (person: Person, { namespace, name }: Place, signal?: AbortSignal): Promise<SessionJson> => {
    const options = signal === undefined ? {} : { signal };
    return await client.as(impersonationOf(person)).get<SessionJson>(RESOURCES.sessions, namespace, name, options);
  };
  const present = async (session: SessionJson): Promise<SessionRecording> => {
    const consent = await findConsent(db, session.metadata.uid ?? '');
    return {
      record: recordingInForce(requirePolicy(session)).rules.record,
      wished: session.spec.record === true,
      consent: consent === undefined ? null : { ...consent, at: consent.at.toISOString() },
    };
  };
  return [
    route({
      method: 'get',
      path: PATH,
      operationId: 'getSessionRecording',
      summary: 'Whether a session is recorded, and what its owner answered.',
      tag: 'Recordings',
      params: objectPath,
      responses: { 200: named },
      async handle({ person, params, signal }) {
        return { status: 200, body: await present(await read(person, params, signal)) };
      },
    }),
    route({
      method: 'post',
      path: PATH,
      operationId: 'recordSession',
      summary: 'Begins or ends a recording by hand, where policy says OnDemand, with the right to change the session.',
      tag: 'Recordings',
      params: objectPath,
      body: { name: 'RecordingWish', schema: recordingWish },
      responses: { 200: named },
      audit: 'recording.requested',
      object: objectOf,
      async handle({ person, params, body: { record } }) {
        const { namespace, name } = params;
        // Asked first: who may not do it need not learn what the policy says.
        if (!(await asking.ask(person, { verb: 'patch', resource: 'sessions', namespace, name })))
          throw new StreamSpaceError('Forbidden', `${person.name} may not change session ${namespace}/${name}`);
        requireRule(await read(person, params), 'OnDemand');
        const options = { fieldManager: GATEWAY_FIELD_MANAGER };
        const asPerson = client.as(impersonationOf(person));
        const session = await asPerson.mergePatch<SessionJson>(
          RESOURCES.sessions,
          namespace,
          name,
          { spec: { record } },
          options,
        );
        return { status: 200, body: await present(session), audited: { object: objectOf(params), details: { record } } };
      },
    }),
    route({
      method: 'post',
      path: `${PATH}/consent`,
      operationId: 'consentToRecording',
      summary: 'The owner of a session agrees to be recorded, or refuses; the newest answer counts.',
      tag: 'Recordings',
      params: objectPath,
      body: { name: 'RecordingConsent', schema: recordingConsent },
      responses: { 200: named },
      audit: 'recording.consent',
      object: objectOf,
      async handle({ person, params, body: { agreed } }) {
        const session = await read(person, params);
        if (session.spec.owner !== person.name)
          throw new StreamSpaceError('Forbidden', `only ${session.spec.owner}, whose session it is, can agree to be recorded`);
        const { hash } = requireRule(session, 'Consent');
        await saveConsent(db, session.metadata.uid ?? '', { person: person.name, agreed, at: now(), policyHash: hash });
        return {
          status: 200,
          body: await present(session),
          audited: { object: objectOf(params), details: { agreed, policy: hash } },
        };
      },
    }),
  ];
}

/** @throws RecordingNotOnDemand @throws RecordingConsentNotAsked @throws PolicyUnavailable */
function requireRule(session: SessionJson, record: 'OnDemand' | 'Consent'): { readonly hash: string } {
  const { rules, hash } = recordingInForce(requirePolicy(session));
  if (rules.record === record) return { hash };
  const { namespace, name } = session.metadata;
  const code = record === 'OnDemand' ? 'RecordingNotOnDemand' : 'RecordingConsentNotAsked';
  throw new StreamSpaceError(code, `for session ${namespace}/${name} the rule in force is "record: ${rules.record}"`);
}
