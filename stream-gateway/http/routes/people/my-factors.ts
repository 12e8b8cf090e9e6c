// The person's own second factors, and an admin's way to reset somebody's.
import * as z from 'zod';
import type { Database } from '../../../../runtime/db/database.ts';
import {
  ceremonyOptions,
  factorResult,
  factorsReset,
  factorsView,
  passkeyCreate,
  recoveryCodes,
  totpBegun,
  totpConfirm,
} from '../../../../schemas/api/factors.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Decisions } from '../../../auth/decisions.ts';
import type { Asker } from '../../../auth/factors/second-factors.ts';
import { validSubjectName } from '../../../auth/identity.ts';
import type { RequireStepUp } from '../../../auth/step-up.ts';
import { deleteFactors, deletePasskey, deleteTotp, factorsOf, methodsOf, replaceRecoveryCodes } from '../../../store/factors.ts';
import { findPerson } from '../../../store/people.ts';
import { type Route, route } from '../../route.ts';
import { answerOf, type SecondFactorRoutePorts } from './second-factor.ts';

export interface MyFactorPorts extends SecondFactorRoutePorts {
  readonly db: Database;
  readonly decisions: Pick<Decisions, 'ask'>;
  readonly stepUp: RequireStepUp;
}

const passkeyPath = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,2048}$/, 'write the id of a passkey') });
const personPath = z.object({ person: z.string().refine(validSubjectName, 'write the name of a person') });
/** Whoever waits may enrol, if there is nothing else to give; the service looks at that. */
const ENROLS = { tag: 'Me', waiting: 'too', stepUp: { for: 'Factors', askedBy: 'handler' } } as const;
const CHANGES = { tag: 'Me', stepUp: { for: 'Factors' } } as const;

export function myFactorRoutes({ db, factors, passkeys, decisions, stepUp }: MyFactorPorts): readonly Route[] {
  /** @throws StepUpRequired @throws SecondFactorNotOffered @throws SecondFactorInvalid */
  async function requireEnrol(asker: Asker, method: 'Passkey' | 'Totp'): Promise<void> {
    await factors.requireEnrol(asker, method);
    if (!asker.identity.credential.startsWith('waiting:')) await stepUp(asker.identity, asker.address, { for: 'Factors' });
  }
  /** With the last factor goes what stands for it. */
  async function forgetCodes(person: string): Promise<void> {
    if (methodsOf(await factorsOf(db, person)).length > 0) return;
    await db.transaction((tx) => replaceRecoveryCodes(tx, person, []));
  }
  const objectOf = (person: string) => `Person/${person}`;
  return [
    route({
      method: 'get',
      path: '/me/factors',
      operationId: 'listFactors',
      summary: "The person's second factors, and what the policies say of them.",
      tag: 'Me',
      responses: { 200: { name: 'Factors', schema: factorsView } },
      async handle({ identity, sourceAddress }) {
        const { factors: mine, decision, offered } = await factors.standing({ identity, address: sourceAddress });
        const times = <T extends { readonly createdAt: Date; readonly lastUsedAt: Date | null }>({
          createdAt,
          lastUsedAt,
        }: T) => ({
          ...{ createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null },
        });
        const body = factorsView.parse({
          ...{ secondFactor: decision.secondFactor, required: decision.required, offered, recoveryCodes: mine.recoveryCodes },
          passkeys: mine.passkeys.map((passkey) => ({ id: passkey.id, name: passkey.name, ...times(passkey) })),
          totp: mine.totp === null ? null : times(mine.totp),
        });
        return { status: 200, body };
      },
    }),
    route({
      ...ENROLS,
      method: 'post',
      path: '/me/factors/passkey-options',
      operationId: 'beginPasskey',
      summary: 'The options of navigator.credentials.create, good for five minutes and this sign-in.',
      responses: { 200: { name: 'CeremonyOptions', schema: ceremonyOptions } },
      async handle({ identity, sourceAddress }) {
        await requireEnrol({ identity, address: sourceAddress }, 'Passkey');
        return { status: 200, body: await passkeys.enrolOptions(identity) };
      },
    }),
    route({
      ...ENROLS,
      method: 'post',
      path: '/me/factors/passkeys',
      operationId: 'createPasskey',
      summary: 'Enrols a passkey; finishes a sign-in that waits for it.',
      body: { name: 'PasskeyCreate', schema: passkeyCreate },
      responses: { 201: { name: 'FactorResult', schema: factorResult } },
      audit: 'factor.enrolled',
      async handle({ identity, sourceAddress, body: { name, response } }) {
        const asker = { identity, address: sourceAddress };
        await requireEnrol(asker, 'Passkey');
        await passkeys.enrol(identity, name, response);
        const details = { method: 'Passkey', name, enrolled: true };
        return answerOf(await factors.enrolled(asker), 201, { object: objectOf(identity.person.name), details });
      },
    }),
    route({
      ...CHANGES,
      method: 'delete',
      path: '/me/factors/passkeys/{id}',
      operationId: 'removePasskey',
      summary: 'Removes a passkey.',
      params: passkeyPath,
      responses: { 204: null },
      audit: 'factor.removed',
      async handle({ person, params: { id } }) {
        if (!(await deletePasskey(db, person.name, id))) throw new StreamSpaceError('NotFound', 'there is no such passkey');
        await forgetCodes(person.name);
        return { status: 204, audited: { object: objectOf(person.name), details: { method: 'Passkey' } } };
      },
    }),
    route({
      ...ENROLS,
      method: 'post',
      path: '/me/factors/totp',
      operationId: 'beginTotp',
      summary: 'A new secret for one-time codes, shown for the only time. It counts once a code has proven it.',
      responses: { 201: { name: 'TotpBegun', schema: totpBegun } },
      async handle({ identity, sourceAddress }) {
        const asker = { identity, address: sourceAddress };
        await requireEnrol(asker, 'Totp');
        return { status: 201, body: await factors.beginTotp(asker) };
      },
    }),
    route({
      ...ENROLS,
      method: 'put',
      path: '/me/factors/totp',
      operationId: 'confirmTotp',
      summary: 'Proves the new secret with a code; finishes a sign-in that waits for it.',
      body: { name: 'TotpConfirm', schema: totpConfirm },
      responses: { 200: { name: 'FactorResult', schema: factorResult } },
      audit: 'factor.enrolled',
      async handle({ identity, sourceAddress, body: { code } }) {
        const asker = { identity, address: sourceAddress };
        await requireEnrol(asker, 'Totp');
        const details = { method: 'Totp', enrolled: true };
        return answerOf(await factors.confirmTotp(asker, code), 200, { object: objectOf(identity.person.name), details });
      },
    }),
    route({
      ...CHANGES,
      method: 'delete',
      path: '/me/factors/totp',
      operationId: 'removeTotp',
      summary: 'Removes one-time codes.',
      responses: { 204: null },
      audit: 'factor.removed',
      async handle({ person }) {
        if (!(await deleteTotp(db, person.name))) throw new StreamSpaceError('NotFound', 'no one-time codes are enrolled');
        await forgetCodes(person.name);
        return { status: 204, audited: { object: objectOf(person.name), details: { method: 'Totp' } } };
      },
    }),
    route({
      ...CHANGES,
      method: 'post',
      path: '/me/factors/recovery-codes',
      operationId: 'issueRecoveryCodes',
      summary: 'Ten new recovery codes, shown for the only time; those before are worth nothing.',
      responses: { 201: { name: 'RecoveryCodes', schema: recoveryCodes } },
      audit: 'recovery-codes.issued',
      async handle({ identity, sourceAddress, person }) {
        const codes = await factors.issueRecoveryCodes({ identity, address: sourceAddress });
        return { status: 201, body: { codes }, audited: { object: objectOf(person.name) } };
      },
    }),
    route({
      ...CHANGES,
      method: 'delete',
      path: '/people/{person}/factors',
      operationId: 'resetFactors',
      summary: 'Removes all second factors of a person who has lost them. Platform admins only.',
      tag: 'Access',
      params: personPath,
      responses: { 200: { name: 'FactorsReset', schema: factorsReset } },
      audit: 'factor.reset',
      object: ({ person }) => objectOf(person),
      async handle({ person: admin, params: { person } }) {
        if (!(await decisions.ask(admin, { verb: '*', resource: '*' })))
          throw new StreamSpaceError('Forbidden', `${admin.name} may not reset second factors`);
        if ((await findPerson(db, person)) === undefined)
          throw new StreamSpaceError('NotFound', `nobody here is called ${person}`);
        const removed = await db.transaction((tx) => deleteFactors(tx, person));
        return { status: 200, body: { removed }, audited: { object: objectOf(person), details: { removed } } };
      },
    }),
  ];
}
