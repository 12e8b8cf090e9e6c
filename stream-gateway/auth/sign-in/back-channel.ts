// Back-channel logout (OpenID Connect Back-Channel Logout 1.0): the identity provider says that a session has ended there, without
// a browser. The sign-ins that came from it end here, and their streams with them (auth/keys/credential-watch.ts).
import type { RequestHandler } from 'express';
import type { Database } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import { localsOf } from '../../http/locals.ts';
import { toStreamSpaceError } from '../../http/problem.ts';
import { useLogoutToken } from '../../store/logout-tokens.ts';
import { type EndedSignIn, endSignInsAt } from '../../store/own-sign-ins.ts';
import type { TakeBack } from '../keys/take-back.ts';
import { sha256 } from '../secrets.ts';
import { LOGOUT_TOKEN_KEPT_MS } from './logout-token.ts';
import type { OidcProvider } from './provider.ts';

export interface BackChannelPorts {
  readonly db: Database;
  /** By the name in the address. @throws StreamSpaceError `NotFound` */
  readonly sourceOf: (provider: unknown) => Pick<OidcProvider, 'readLogout'>;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly takeBack: TakeBack;
}

/** Takes a form with `logout_token`. 200 also where nothing was left to end (2.7); 400 for a token that is not good (2.8). */
export function backChannelLogout({ db, sourceOf, audit, takeBack }: BackChannelPorts): RequestHandler {
  return async (req, res) => {
    const { sourceAddress, requestId } = localsOf(res);
    const from = { actor: null, sourceAddress, requestId };
    const body: unknown = req.body;
    let ended: readonly EndedSignIn[];
    try {
      const logout = await sourceOf(req.params['provider']).readLogout(tokenOf(body));
      ended = await db.transaction(async (tx) => {
        // With what it ends: a failure in between leaves the token good for another try.
        const hash = sha256(JSON.stringify([logout.issuer, logout.jti]));
        if (!(await useLogoutToken(tx, hash, LOGOUT_TOKEN_KEPT_MS)))
          throw new StreamSpaceError('LogoutTokenInvalid', 'the token was used before');
        return await endSignInsAt(tx, logout);
      });
    } catch (error) {
      const { code, message } = toStreamSpaceError(error);
      if (code === 'LogoutTokenInvalid')
        await audit({ ...from, type: 'signin.logout-refused', result: 'refused', details: { code, why: message } });
      throw error;
    }
    void takeBack(ended);
    const [first] = ended;
    await audit({
      ...{ ...from, type: 'signin.logged-out', result: 'success', details: { ended: ended.length } },
      ...(first === undefined ? {} : { object: `Person/${first.person}` }),
    });
    res.status(200).end();
  };
}

function tokenOf(body: unknown): string {
  const token = typeof body === 'object' && body !== null && 'logout_token' in body ? body.logout_token : undefined;
  if (typeof token === 'string') return token;
  throw new StreamSpaceError('LogoutTokenInvalid', 'the form has no field logout_token');
}
