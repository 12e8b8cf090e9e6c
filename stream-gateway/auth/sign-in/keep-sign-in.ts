// Who the provider has named becomes a signed-in browser, unless that person may not come here.
import type { Database } from '../../../runtime/db/database.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { SETTINGS_PROVIDER } from '../../../schemas/names.ts';
import { findPerson, savePerson } from '../../store/people.ts';
import { isLocked } from '../../store/person-locks.ts';
import { deleteSignIn } from '../../store/sign-ins.ts';
import type { Seal } from '../seal.ts';
import { sha256 } from '../secrets.ts';
import type { SignedIn } from './provider.ts';
import type { Way } from './providers.ts';
import type { Confirmed, NextStep, SignInSteps } from './waiting.ts';

export interface KeepSignInPorts {
  readonly db: Database;
  readonly steps: Pick<SignInSteps, 'confirmed'>;
  readonly seal?: Seal | undefined;
  readonly isNamed: (person: string) => boolean;
}

/**
 * @param browser.old what it came with: worth nothing from now on
 * @returns what the browser keeps, and where it goes on: a second factor may be missing
 * @throws StreamSpaceError `SignInForbidden`, `PersonLocked`
 */
export async function keepSignIn(
  { db, steps, seal, isNamed }: KeepSignInPorts,
  way: Way,
  signedIn: SignedIn,
  { old, ...browser }: { readonly old: string | undefined } & Pick<Confirmed, 'returnTo' | 'address' | 'userAgent'>,
): Promise<NextStep> {
  const { person, account, refreshToken, atProvider } = signedIn;
  const { name } = person;
  if (await isLocked(db, name, account)) throw new StreamSpaceError('PersonLocked', `${name} is locked`);
  if (!way.justInTime && !isNamed(name) && (await findPerson(db, name)) === undefined)
    throw new StreamSpaceError('SignInForbidden', `${way.displayName} takes in nobody who is not known here already`);
  return await db.transaction(async (tx) => {
    // The settings may be pointed at another address of the same provider; an IdentityProvider is another one by then.
    if (!(await savePerson(tx, person, account, { sameAccount: way.name !== SETTINGS_PROVIDER })))
      throw new StreamSpaceError('SignInForbidden', 'this name was that of another account of the provider');
    if (old !== undefined) await deleteSignIn(tx, sha256(old));
    const sealed = refreshToken === undefined ? undefined : seal?.close(refreshToken, name);
    return await steps.confirmed(tx, { person, refreshToken: sealed, atProvider, ...browser });
  });
}
