// Why a directory does not take a password. Result code 49 is all that LDAP has for it (RFC 4511, A.1); Active Directory says more in the
// diagnostic message: `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 775, v4563`.
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** In hexadecimal, as Windows numbers its errors (MS-ERREF, 2.2). Said whether the password is right or not. */
const LOCKED = '775';
/** Said only where the password is right: whoever typed it may know. */
const SHUT: Readonly<Record<string, { readonly why: string; readonly message: string }>> = {
  '530': { why: 'logon-hours', message: 'your account may not sign in at this time' },
  '531': { why: 'workstation', message: 'your account may not sign in from here' },
  '532': { why: 'password-expired', message: 'your password has expired: change it first' },
  '533': { why: 'disabled', message: 'your account is disabled' },
  '701': { why: 'account-expired', message: 'your account has expired' },
  '773': { why: 'password-must-change', message: 'your password has to be changed first' },
};

/** The same words whether there is such a person or not. */
export function wrongPassword(facts: Readonly<Record<string, unknown>> = {}): StreamSpaceError {
  return new StreamSpaceError('SignInFailed', 'the name or the password is wrong', { facts });
}

/** @param diagnostic of an answer with result code 49 */
export function refusalOfBind(diagnostic: string): StreamSpaceError {
  const [, data = ''] = /\bdata ([0-9a-f]{1,8})\b/i.exec(diagnostic) ?? [];
  // A stranger must not learn from it which names there are; the audit log says it.
  if (data === LOCKED) return wrongPassword({ why: 'locked' });
  const shut = SHUT[data.toLowerCase()];
  if (shut === undefined) return wrongPassword();
  return new StreamSpaceError('SignInForbidden', shut.message, { facts: { why: shut.why } });
}
