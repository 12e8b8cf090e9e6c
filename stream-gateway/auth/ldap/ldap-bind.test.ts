import { expect, test } from 'vitest';
import { refusalOfBind } from './ldap-bind.ts';

/** As Active Directory writes it (Microsoft, "Common Active Directory Bind Errors"). */
const said = (data: string): string =>
  `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v4563\0`;

test.each([
  ['52e', 'SignInFailed', undefined],
  ['525', 'SignInFailed', undefined],
  ['775', 'SignInFailed', 'locked'],
  ['530', 'SignInForbidden', 'logon-hours'],
  ['531', 'SignInForbidden', 'workstation'],
  ['532', 'SignInForbidden', 'password-expired'],
  ['533', 'SignInForbidden', 'disabled'],
  ['701', 'SignInForbidden', 'account-expired'],
  ['773', 'SignInForbidden', 'password-must-change'],
])('what Active Directory says with data %s is %s (%s)', (data, code, why) => {
  const { code: found, facts } = refusalOfBind(said(data));
  expect([found, facts['why']]).toEqual([code, why]);
});

test('a locked account is told in the words of a wrong password: a stranger learns no names', () => {
  const words = refusalOfBind('Invalid credentials during a bind operation. Code: 0x31').message;
  expect(refusalOfBind(said('775')).message).toBe(words);
  expect(refusalOfBind(said('52e')).message).toBe(words);
});
