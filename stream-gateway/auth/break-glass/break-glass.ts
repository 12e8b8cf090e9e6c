// POST /auth/break-glass: the password of the break-glass account for an hour's sign-in. Every use, and every wrong password, is an
// event. Guesses are counted by address alone: nobody can lock it out for others.
import type { RequestHandler } from 'express';
import type { Database } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import { localsOf } from '../../http/locals.ts';
import { requestInvalid } from '../../http/problem.ts';
import { savePerson } from '../../store/people.ts';
import { isLocked } from '../../store/person-locks.ts';
import { createSignIn } from '../../store/sign-ins.ts';
import type { KeyGuesses } from '../authenticate.ts';
import { SIGN_IN_COOKIE, setCookie } from '../cookies.ts';
import { newSecret, sha256 } from '../secrets.ts';
import { keptUserAgent } from '../sign-in/browser-name.ts';
import { breakGlassName, isBreakGlassPassword, readBreakGlass } from './break-glass-file.ts';

export interface BreakGlassPorts {
  readonly db: Database;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly guesses: KeyGuesses;
  /** Left out: there is no such account. */
  readonly file: string | undefined;
}

/** Enough to put the identity provider right, too short to work with. */
export const BREAK_GLASS_MS = 3_600_000;
const MAX_PASSWORD = 256;

export function breakGlassSignIn(
  ports: BreakGlassPorts,
  cookie: { readonly secure: boolean; readonly path: string },
): RequestHandler {
  const { db, audit, guesses, file } = ports;
  const verifyInTurn = inTurn();
  return async (req, res) => {
    if (file === undefined) throw new StreamSpaceError('NotFound', 'there is no break-glass account here');
    const { sourceAddress, requestId } = localsOf(res);
    const from = { sourceAddress, requestId };
    await guesses.check(sourceAddress);
    const password = passwordOf(req.body);
    const account = await readBreakGlass(file);
    const name = breakGlassName(account);
    const object = `Person/${name}`;
    const isRight = await verifyInTurn(sourceAddress, () => isBreakGlassPassword(account, password));
    const isShut = isRight && (await isLocked(db, name));
    if (!isRight || isShut) {
      if (!isRight) await guesses.wrong(sourceAddress);
      const code = isShut ? 'PersonLocked' : 'SignInFailed';
      const details = { severity: 'high', code };
      await audit({ ...from, type: 'breakglass.refused', actor: null, result: 'refused', object, details });
      throw new StreamSpaceError(code, isShut ? `${name} is locked` : 'the password is wrong');
    }
    const secret = newSecret();
    const limits = { idleMs: BREAK_GLASS_MS, absoluteMs: BREAK_GLASS_MS };
    await db.transaction(async (tx) => {
      const person = { name, displayName: `Break-glass ${account.name}`, groups: account.groups };
      await savePerson(tx, person, { issuer: 'break-glass', subject: account.name });
      const userAgent = keptUserAgent(req.headers['user-agent']);
      const from = { address: sourceAddress, userAgent, atProvider: { authenticatedAt: new Date() } };
      await createSignIn(tx, { person: name, secretHash: sha256(secret), ...from }, limits);
    });
    await audit({ ...from, type: 'breakglass.used', actor: name, result: 'success', object, details: { severity: 'high' } });
    res.append('Set-Cookie', setCookie(SIGN_IN_COOKIE, secret, { ...cookie, maxAgeMs: BREAK_GLASS_MS }));
    res.status(204).end();
  };
}

function passwordOf(body: unknown): string {
  const password = typeof body === 'object' && body !== null && 'password' in body ? body.password : undefined;
  if (typeof password === 'string' && password !== '' && password.length <= MAX_PASSWORD) return password;
  throw requestInvalid('write a password of 1 to 256 characters');
}

/** One after another, because each takes 64 MiB; and one of an address at a time, so that nobody fills the queue. */
function inTurn(): (address: string, verify: () => Promise<boolean>) => Promise<boolean> {
  const waiting = new Set<string>();
  let tail: Promise<unknown> = Promise.resolve();
  return async (address, verify) => {
    if (waiting.has(address))
      throw new StreamSpaceError('RateLimited', 'another password from this address is being checked', { retryAfterMs: 1_000 });
    waiting.add(address);
    try {
      const done = tail.then(verify);
      tail = done.catch(() => undefined);
      return await done;
    } finally {
      waiting.delete(address);
    }
  };
}
