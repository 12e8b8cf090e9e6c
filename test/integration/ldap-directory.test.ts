// Signing in at a real directory: who may, who may not, and that what is typed never becomes part of a question.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { LdapDirectory, type LdapOptions } from '../../stream-gateway/auth/ldap/ldap.ts';
import { DIRECTORY_PASSWORD, type Slapd, startSlapd } from '../support/slapd.ts';

let slapd: Slapd;

beforeAll(async () => {
  slapd = await startSlapd();
  await slapd.addPerson('mia', 'right one');
  await slapd.addPerson('max', 'another one');
  await slapd.setGroup('web', ['mia', 'max']);
  await slapd.setGroup('platform-admins', ['mia']);
  await slapd.setGroup('Domain Users', ['mia']);
  await slapd.setGroup('Desktop Users', ['mia']);
});
afterAll(async () => await slapd?.[Symbol.asyncDispose]());

function directory(more: Partial<LdapOptions> = {}): LdapDirectory {
  const { url, certificateAuthority, bindDN, userBase, groupBase } = slapd;
  const filters = { userFilter: '(&(objectClass=inetOrgPerson)(uid={username}))', groupFilter: '(member={dn})' };
  const attributes = { username: 'uid', email: 'mail', groups: 'cn', subject: 'entryUUID' };
  const rules = {
    name: 'corp',
    groupMappings: [
      { from: 'web', to: 'web-team' },
      { from: 'Desktop Users', to: 'desktops' },
    ],
  };
  const given = { url, certificateAuthority, bindDN, userBase, groupBase, ...filters, attributes, rules };
  return new LdapDirectory(
    { ...given, bindPassword: async () => DIRECTORY_PASSWORD, ...more },
    createLogger({ name: 'test', level: 'silent' }),
  );
}

const codeOf = async (asked: Promise<unknown>): Promise<unknown> =>
  await asked.then(
    () => 'none',
    (error: unknown) => (error instanceof StreamSpaceError ? error.code : error),
  );

test('a person with the right password is who the directory says, in its groups under the names of the provider', async () => {
  const { person, account } = await directory().signIn('MIA', 'right one');
  expect(person).toEqual({
    name: 'corp:mia',
    displayName: 'mia of the company',
    groups: ['corp:platform-admins', 'desktops', 'web-team'],
  });
  expect(account).toMatchObject({ issuer: 'ldap', subject: expect.stringMatching(/^text:[0-9a-f-]{36}$/) });
});

test.each([
  ['mia', 'wrong one'],
  ['mia', ''],
  ['nobody', 'right one'],
  ['*', 'right one'],
  ['mia)(uid=*', 'right one'],
  ['m*', 'right one'],
  ['mia)(|(objectClass=*', 'right one'],
  ['uid=mia,ou=people,dc=company,dc=example', 'right one'],
  ['cn=admin,dc=company,dc=example', DIRECTORY_PASSWORD],
])('%j with the password %j is refused, in the same words', async (name, password) => {
  await expect(directory().signIn(name, password)).rejects.toThrow('the name or the password is wrong');
});

test('two people that fit are nobody', async () => {
  const all = directory({ userFilter: '(|(uid={username})(objectClass=inetOrgPerson))' });
  expect(await codeOf(all.signIn('mia', 'right one'))).toBe('SignInFailed');
});

test('a directory that shows a certificate of somebody else is sent nothing, with StartTLS too', async () => {
  const own = { certificateAuthority: undefined };
  expect(await codeOf(directory(own).signIn('mia', 'right one'))).toBe('IdentityProviderUnreachable');
  const startTls = { url: slapd.startTlsUrl };
  expect(await codeOf(directory({ ...own, ...startTls }).signIn('mia', 'right one'))).toBe('IdentityProviderUnreachable');
  const byAddress = { url: slapd.url.replace('localhost', '127.0.0.1') };
  expect(await codeOf(directory(byAddress).signIn('mia', 'right one'))).toBe('IdentityProviderUnreachable');
  expect(await codeOf(directory(startTls).signIn('mia', 'right one'))).toBe('none');
});

test('a wrong password of our own account is no wrong password of the person', async () => {
  const broken = directory({ bindPassword: async () => 'wrong' });
  expect(await codeOf(broken.signIn('mia', 'right one'))).toBe('IdentityProviderUnreachable');
});

test('a directory that is unwilling says nothing about a password: it is no wrong one', async () => {
  const closed = directory({ userBase: slapd.closedBase });
  for (const password of ['right one', 'wrong one'])
    await expect(closed.signIn('zoe', password)).rejects.toMatchObject({
      code: 'IdentityProviderUnreachable',
      cause: { code: 53 },
    });
});

test('P-01-6 a group that is deleted, and a person who is, are seen when the directory is asked again', async () => {
  await slapd.addPerson('ann', 'right one');
  await slapd.setGroup('short', ['ann']);
  const asked = directory();
  const { person, account } = await asked.signIn('ann', 'right one');
  expect(person.groups).toEqual(['corp:short']);
  await slapd.remove('cn=short', slapd.groupBase);
  expect(await asked.confirm('', { person, account })).toMatchObject({ person: { name: 'corp:ann', groups: [] } });
  await slapd.remove('uid=ann', slapd.userBase);
  expect(await asked.confirm('', { person, account })).toBe('gone');
  // Somebody else who is given the name is not taken for her.
  await slapd.addPerson('ann', 'right one');
  expect(await asked.confirm('', { person, account })).toBe('gone');
});

test('who does not fit the filter any more is gone', async () => {
  const { person, account } = await directory().signIn('max', 'another one');
  const admins = directory({ userFilter: '(&(uid={username})(mail=mia@*))' });
  expect(await admins.confirm('', { person, account })).toBe('gone');
});
