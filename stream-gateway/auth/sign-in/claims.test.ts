import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kubernetesGroups, kubernetesUser } from '../../../schemas/names.ts';
import { personOfClaims } from './claims.ts';

const NAMES = { nameClaim: 'preferred_username', groupsClaim: 'groups' };
const of = (claims: Readonly<Record<string, unknown>>) => personOfClaims({ preferred_username: 'mia', ...claims }, NAMES);
const BAD = [
  '',
  'a:b',
  ':',
  'streamspace:user:admin',
  'system:masters',
  'a b',
  ' a',
  'a\u00a0b',
  'a\tb',
  'a\r\nb',
  'a\0',
  'a\u0085b',
];
const NOT_TEXT = [1, true, {}, ['mia'], 'x'.repeat(129)];

test('name and groups are taken as they are, groups in order and once', () => {
  expect(of({ name: ' Mia Member ', groups: ['web', 'auditors', 'web'] })).toEqual({
    name: 'mia',
    displayName: 'Mia Member',
    groups: ['auditors', 'web'],
  });
  expect(personOfClaims({ email: 'mia@example.com', roles: ['ops'] }, { nameClaim: 'email', groupsClaim: 'roles' })).toEqual({
    name: 'mia@example.com',
    displayName: 'mia@example.com',
    groups: ['ops'],
  });
});

test('without a list of groups a person is in none', () => {
  expect(of({}).groups).toEqual([]);
  expect(of({ groups: null }).groups).toEqual([]);
});

test.each([...BAD, ...NOT_TEXT, null])('a person whose name is %j is not signed in', (name) => {
  expect(() => of({ preferred_username: name })).toThrow(
    expect.objectContaining({ code: 'SignInFailed', message: expect.stringContaining('the claim preferred_username cannot be') }),
  );
});

test('a person without a name is not signed in', () => {
  expect(() => personOfClaims({ sub: '1' }, NAMES)).toThrow('the identity provider sent no claim preferred_username');
});

test.each([...BAD, ...NOT_TEXT])('a person with the group %j is not signed in with the rest of the groups', (group) => {
  expect(() => of({ groups: ['web', group] })).toThrow(
    expect.objectContaining({ code: 'SignInFailed', message: expect.stringContaining('entry 2 of the claim groups cannot be') }),
  );
});

test('groups in another form, or more than a request can carry, are refused instead of cut', () => {
  expect(() => of({ groups: 'web' })).toThrow('the claim groups is not a list of groups');
  expect(() => of({ groups: Array.from({ length: 501 }, (_, index) => `g${index}`) })).toThrow('has 501 groups, 500 are allowed');
});

test('whatever a provider sends, nobody becomes a subject that is not ours', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })), (name, groups) => {
      let person: ReturnType<typeof of>;
      try {
        person = of({ preferred_username: name, groups });
      } catch (error) {
        expect(error).toMatchObject({ code: 'SignInFailed' });
        return;
      }
      for (const subject of [kubernetesUser(person.name), ...kubernetesGroups(person.groups)])
        expect(subject).toMatch(/^(streamspace:(user|group):[^:\s]+|streamspace:authenticated)$/u);
    }),
  );
});

test('a display name cannot break a line', () => {
  expect(of({ name: 'Mia\r\nAdmin\0' }).displayName).toBe('Mia Admin');
});
