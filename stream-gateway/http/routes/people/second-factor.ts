// Giving a second factor: to finish a sign-in that waits for it, or for a step-up.
import { ceremonyOptions, factorProof, factorQuestion, factorResult } from '../../../../schemas/api/factors.ts';
import type { Passkeys } from '../../../auth/factors/passkeys.ts';
import type { Outcome, SecondFactors } from '../../../auth/factors/second-factors.ts';
import { type Answer, type Route, route } from '../../route.ts';

export interface SecondFactorRoutePorts {
  readonly factors: SecondFactors;
  readonly passkeys: Passkeys;
}

/** @param type of the event; a sign-in that it finished has its own */
export function answerOf(outcome: Outcome, status: number, audited: NonNullable<Answer['audited']>): Answer {
  const { cookies, signedIn, returnTo, enrol } = outcome;
  return {
    ...{ status, body: factorResult.parse({ returnTo, enrol }) },
    ...(cookies.length === 0 ? {} : { headers: { 'Set-Cookie': cookies } }),
    audited: signedIn ? { ...audited, type: 'signin.succeeded' } : audited,
  };
}

export function secondFactorRoutes({ factors, passkeys }: SecondFactorRoutePorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/second-factor',
      operationId: 'getSecondFactor',
      summary: 'With what the person can give a second factor, or what has to be enrolled to finish the sign-in.',
      tag: 'Me',
      waiting: 'too',
      responses: { 200: { name: 'FactorQuestion', schema: factorQuestion } },
      handle: async ({ identity, sourceAddress }) => ({
        status: 200,
        body: await factors.question({ identity, address: sourceAddress }),
      }),
    }),
    route({
      method: 'post',
      path: '/second-factor/passkey-options',
      operationId: 'beginPasskeyProof',
      summary: 'The options of navigator.credentials.get, good for five minutes and this sign-in.',
      tag: 'Me',
      waiting: 'too',
      responses: { 200: { name: 'CeremonyOptions', schema: ceremonyOptions } },
      handle: async ({ identity }) => ({ status: 200, body: await passkeys.proveOptions(identity) }),
    }),
    route({
      method: 'post',
      path: '/second-factor',
      operationId: 'giveSecondFactor',
      summary: 'Gives a passkey, a one-time code or a recovery code; finishes a sign-in that waits for it.',
      tag: 'Me',
      waiting: 'too',
      body: { name: 'FactorProof', schema: factorProof },
      responses: { 200: { name: 'FactorResult', schema: factorResult } },
      audit: 'factor.used',
      refused: 'factor.failed',
      async handle({ identity, sourceAddress, body }) {
        const outcome = await factors.prove({ identity, address: sourceAddress }, body);
        return answerOf(outcome, 200, { object: `Person/${identity.person.name}`, details: { method: body.method } });
      },
    }),
  ];
}
