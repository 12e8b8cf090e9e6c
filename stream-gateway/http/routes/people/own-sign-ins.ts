// The browsers in which a person is signed in, and how he ends them.
import * as z from 'zod';
import type { Queryable } from '../../../../runtime/db/database.ts';
import { type SignInView, signInList, signInsEnded } from '../../../../schemas/api/people.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { TakeBack } from '../../../auth/keys/take-back.ts';
import { browserName } from '../../../auth/sign-in/browser-name.ts';
import { endSignInsOf, type ListedSignIn, listSignIns } from '../../../store/own-sign-ins.ts';
import { type Route, route } from '../../route.ts';

export interface SignInRoutePorts {
  readonly db: Queryable;
  readonly takeBack: TakeBack;
}

export function ownSignInRoutes({ db, takeBack }: SignInRoutePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/me/sign-ins',
      operationId: 'listSignIns',
      summary: 'The browsers in which the person is signed in, the one used last first.',
      tag: 'Me',
      responses: { 200: { name: 'SignInList', schema: signInList } },
      async handle({ person, identity }) {
        const items = await listSignIns(db, person.name);
        return { status: 200, body: { items: items.map((each) => presentSignIn(each, identity.credential)) } };
      },
    }),
    route({
      method: 'delete',
      path: '/me/sign-ins',
      operationId: 'endOtherSignIns',
      summary: 'Ends every sign-in of the person but the one of this request, with their streams.',
      tag: 'Me',
      responses: { 200: { name: 'SignInsEnded', schema: signInsEnded } },
      audit: 'signin.ended',
      async handle({ person, identity }) {
        const current = /^sign-in:(.+)$/.exec(identity.credential)?.[1];
        if (current === undefined)
          throw new StreamSpaceError('RequestInvalid', 'a request with an API key has no sign-in of its own to keep');
        const ended = await endSignInsOf(db, person.name, { except: current });
        void takeBack(ended);
        const details = { ended: ended.length };
        return { status: 200, body: details, audited: { object: `Person/${person.name}`, details } };
      },
    }),
    route({
      method: 'delete',
      path: '/me/sign-ins/{id}',
      operationId: 'endSignIn',
      summary: 'Ends one sign-in of the person, with its streams.',
      tag: 'Me',
      params: z.object({ id: z.uuid() }),
      responses: { 204: null },
      audit: 'signin.ended',
      object: ({ id }) => `SignIn/${id}`,
      async handle({ person, params: { id } }) {
        const ended = await endSignInsOf(db, person.name, { only: id });
        if (ended.length === 0) throw new StreamSpaceError('NotFound', `${person.name} has no sign-in ${id}`);
        void takeBack(ended);
        return { status: 204 };
      },
    }),
  ];
}

/** @param credential of whoever asks */
export function presentSignIn(signIn: ListedSignIn, credential: string): SignInView {
  return {
    id: signIn.id,
    browser: browserName(signIn.userAgent),
    address: signIn.address,
    since: signIn.createdAt.toISOString(),
    lastSeenAt: signIn.lastSeenAt.toISOString(),
    expiresAt: signIn.expiresAt.toISOString(),
    current: credential === `sign-in:${signIn.id}`,
  };
}
