// A role, or a kind, that nobody can ask about is found here.
import { expect, test } from 'vitest';
import {
  ACCESS_RESOURCES,
  ACCESS_VERBS,
  ACCESS_VOCABULARY,
  ASKED_VERBS,
  groupsOfResource,
  VOCABULARY_RULES,
} from './access-vocabulary.ts';
import { accessQuery } from './api/access.ts';
import { beyond } from './kinds/access/expand-role.ts';
import { KINDS } from './kinds/all.ts';
import { API_GROUP } from './names.ts';
import { AUTHENTICATED_RULES, PLATFORM_ROLE_RULES, type PolicyRule, TEAM_DELEGATION_RULES, TEAM_ROLE_RULES } from './rights.ts';

const OF_TEAMS: readonly PolicyRule[] = Object.values(TEAM_ROLE_RULES).flat();
const ALL: readonly PolicyRule[] = [...OF_TEAMS, ...Object.values(PLATFORM_ROLE_RULES).flat(), ...AUTHENTICATED_RULES];

test('P-01-5 everything that a role of ours gives can be asked about, in the API group that it is given in', () => {
  const questions = ALL.flatMap(({ apiGroups, resources, verbs }) =>
    resources
      .filter((resource) => resource !== '*')
      .flatMap((resource) => verbs.filter((verb) => verb !== '*').map((verb) => ({ apiGroups, resource, verb }))),
  );
  expect(questions.length).toBeGreaterThan(100);
  for (const { apiGroups, resource, verb } of questions) {
    const asked = accessQuery.safeParse({ resource, verb });
    expect(asked.success, `${verb} ${resource}`).toBe(true);
    if (asked.success) expect(groupsOfResource(asked.data.resource), resource).toEqual(apiGroups);
  }
});

test('P-01-1 what a role of a team has, an AccessRole can say too, but for the right to give roles', () => {
  const delegation: readonly PolicyRule[] = TEAM_DELEGATION_RULES;
  const sayable = OF_TEAMS.filter((rule) => !delegation.includes(rule));
  expect(beyond(sayable, VOCABULARY_RULES)).toEqual([]);
});

test('every kind of ours stands in the vocabulary', () => {
  const words: readonly string[] = ACCESS_RESOURCES;
  expect(KINDS.map(({ plural }) => plural).filter((plural) => !words.includes(plural))).toEqual([]);
  for (const { plural } of KINDS) expect(groupsOfResource(plural as (typeof ACCESS_RESOURCES)[number])).toEqual([API_GROUP]);
});

test('who people are, and what is kept of what they do, is no matter of a role of one’s own', () => {
  for (const resource of ['identityproviders', 'auditpolicies'] as const)
    expect(ACCESS_VOCABULARY[resource]).toEqual(['get', 'list', 'watch']);
});

test('every verb of the vocabulary can be said and asked about', () => {
  const said: readonly string[] = ACCESS_VERBS;
  for (const verb of Object.values(ACCESS_VOCABULARY).flat()) expect(said).toContain(verb);
  expect(ASKED_VERBS).toContain('grant');
});
