// Starting a session as a person: the template he may use, a name, and the same answer for a repeated request.
import { randomInt } from 'node:crypto';
import type { Database } from '../../runtime/db/database.ts';
import { isStatus, KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { SessionCreate } from '../../schemas/api/api.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { API_GROUP_VERSION, GATEWAY_FIELD_MANAGER, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import type { Decisions } from '../auth/decisions.ts';
import { impersonationOf } from '../auth/identity.ts';
import { sha256 } from '../auth/secrets.ts';
import { claimKey, releaseKey, type StoredAnswer, saveAnswer } from '../store/idempotency.ts';
import type { Person } from '../store/people.ts';
import type { SessionJson, TemplateJson } from './kinds-json.ts';
import { type QuotaPorts, requireRoom } from './quota.ts';

export interface SessionWish {
  readonly person: Person;
  readonly namespace: string;
  readonly body: SessionCreate;
  /** The header `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined;
  readonly signal: AbortSignal;
}

export interface VisibleTemplatePorts {
  readonly client: KubeClient;
  readonly decisions: Decisions;
}

export interface CreateSessionPorts extends VisibleTemplatePorts {
  readonly db: Database;
  readonly quota: QuotaPorts;
}

export type Created = { readonly session: SessionJson } | { readonly repeated: StoredAnswer };

/** No vowels, so that no word comes out; no look-alikes. 27^5 = 14 million. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

export function generatedName(template: string): string {
  const base = template
    .slice(template.indexOf('/') + 1)
    .slice(0, 44)
    .replace(/-+$/, '');
  return `${base}-${Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`;
}

/** `present` makes the body of the answer, which is kept for repeats. */
export async function createSession(
  ports: CreateSessionPorts,
  wish: SessionWish,
  present: (session: SessionJson) => Promise<StoredAnswer>,
): Promise<Created> {
  const { person, idempotencyKey } = wish;
  if (idempotencyKey === undefined) return { session: await create(ports, wish, undefined) };
  const claim = await claimKey(ports.db, {
    person: person.name,
    key: idempotencyKey,
    requestHash: sha256(JSON.stringify([wish.namespace, wish.body])),
    objectName: wish.body.metadata?.name ?? generatedName(wish.body.spec.template),
  });
  switch (claim.state) {
    case 'answered':
      return { repeated: claim.answer };
    case 'busy':
      throw new StreamSpaceError('RequestInProgress', 'a request with this Idempotency-Key is still being worked on');
    case 'different':
      throw new StreamSpaceError('RequestInvalid', 'this Idempotency-Key was used for another request');
    case 'claimed':
      break;
  }
  try {
    const session = await create(ports, wish, claim);
    await saveAnswer(ports.db, person.name, idempotencyKey, await present(session));
    return { session };
  } catch (error) {
    // Without an answer of the API server it may have been made: then the claim stays, and a repeat looks.
    if (madeNothing(error)) await releaseKey(ports.db, person.name, idempotencyKey).catch(() => undefined);
    throw error;
  }
}

function madeNothing(error: unknown): boolean {
  if (error instanceof KubeStatusError) return error.statusCode < 500;
  return error instanceof StreamSpaceError && error.entry.category !== 'unavailable';
}

interface Naming {
  readonly objectName: string;
  readonly repeated: boolean;
}

async function create(ports: CreateSessionPorts, wish: SessionWish, naming: Naming | undefined): Promise<SessionJson> {
  const { person, namespace, body } = wish;
  const owner = await ownerOf(ports, wish);
  const template = await visibleTemplate(ports, { ...wish, template: body.spec.template });
  // What the try before this one may have made has its room.
  if (naming?.repeated !== true) requireRoom(ports.quota, { owner, namespace, template });
  const asPerson = ports.client.as(impersonationOf(person));
  const given = naming?.objectName ?? body.metadata?.name;
  for (let attempt = 1; ; attempt += 1) {
    const name = given ?? generatedName(body.spec.template);
    const manifest = {
      apiVersion: API_GROUP_VERSION,
      kind: 'Session',
      metadata: { name, namespace },
      spec: { template: body.spec.template, owner, desiredState: 'Running' },
    };
    try {
      // Not ended when the client goes away: nobody would know whether it was made.
      return await asPerson.create<SessionJson>(RESOURCES.sessions, namespace, JSON.stringify(manifest), {
        fieldManager: GATEWAY_FIELD_MANAGER,
      });
    } catch (error) {
      if (!isStatus(error, 409, 'AlreadyExists')) throw error;
      // The try before this one made it, and crashed before it could say so.
      if (naming?.repeated === true) {
        const made = await asPerson.get<SessionJson>(RESOURCES.sessions, namespace, name);
        if (made.spec.owner === owner && made.spec.template === body.spec.template) return made;
      }
      if (given !== undefined || attempt === 3)
        throw new StreamSpaceError('AlreadyExists', `there is a session ${namespace}/${name} already`, { cause: error });
    }
  }
}

/** Admission checks it again; here it gets a better message. */
async function ownerOf(ports: CreateSessionPorts, { person, namespace, body }: SessionWish): Promise<string> {
  const owner = body.spec.owner ?? person.name;
  if (owner === person.name) return owner;
  if (await ports.decisions.ask(person, { verb: 'assign', resource: 'sessions', namespace })) return owner;
  throw new StreamSpaceError('Forbidden', `${person.name} may not assign sessions in the namespace ${namespace}`);
}

/** As the person: a template that he may not see is not there for him. Looked for as the controller does. */
export async function visibleTemplate(
  { client, decisions }: VisibleTemplatePorts,
  wish: Pick<SessionWish, 'person' | 'namespace' | 'signal'> & { readonly template: string },
): Promise<TemplateJson> {
  const { person, namespace, signal } = wish;
  const [first = '', second] = wish.template.split('/', 2);
  const places =
    second === undefined ? [[namespace, first] as const, [SYSTEM_NAMESPACE, first] as const] : [[first, second] as const];
  const asPerson = client.as(impersonationOf(person));
  for (const [place, name] of places) {
    const template = await asPerson.find<TemplateJson>(RESOURCES.templates, place, name, { signal }).catch((error: unknown) => {
      if (isStatus(error, 403)) return undefined;
      throw error;
    });
    if (template === undefined) continue;
    if (
      template.spec.maturity !== 'draft' ||
      (await decisions.ask(person, { verb: 'update', resource: 'templates', namespace: place }))
    )
      return template;
  }
  throw new StreamSpaceError('TemplateNotFound', `there is no template ${wish.template} for ${person.name} in ${namespace}`);
}
