import { expect, test } from 'vitest';
import { groupsIn, organizationsOf } from './memberships.ts';

const ACME = { id: 7, login: 'Acme' };
const OTHER = { id: 8, login: 'other' };

test('an organization counts for who has joined it, whatever the case of its name, and for nobody who is only invited', () => {
  const active = [{ state: 'active', organization: ACME }];
  expect(organizationsOf([{ name: 'acme' }, { name: 'other' }], active)).toEqual([{ name: 'acme' }]);
  expect(organizationsOf([{ name: 'acme' }], [{ state: 'pending', organization: ACME }])).toEqual([]);
  expect(organizationsOf([{ name: 'acme' }], [])).toEqual([]);
});

test('one with a number is that one, by whatever name, and never the one that took its name', () => {
  const renamed = [{ state: 'active', organization: { id: 7, login: 'acme-inc' } }];
  const taken = [{ state: 'active', organization: { id: 9, login: 'acme' } }];
  const acme = { name: 'acme', id: 7 };
  expect(organizationsOf([acme], renamed)).toEqual([acme]);
  expect(organizationsOf([acme], taken)).toEqual([]);
});

test('groups are the organizations that count and their teams, by the name that is written here', () => {
  const teams = [
    { slug: 'web', organization: ACME },
    { slug: 'admins', organization: OTHER },
  ];
  expect(groupsIn([{ name: 'acme' }], teams)).toEqual(['acme', 'acme/web']);
  expect(groupsIn([{ name: 'us', id: 7 }], teams)).toEqual(['us', 'us/web']);
});
