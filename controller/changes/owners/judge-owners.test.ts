import { expect, test } from 'vitest';
import { ownersOf, parseCodeOwners } from './code-owners.ts';
import { judgeOwners, missingOwners, type OwnerPeople, peopleOf } from './judge-owners.ts';

const [ADA, WEB, MAIL] = parseCodeOwners('* @Ada @org/web vera@example.com').rules[0]?.owners ?? [];
const teams = new Map([['web', ['lee', 'max']]]);
const HERE: OwnerPeople = { people: undefined, teams };
const AT_FORGE: OwnerPeople = { people: [{ login: 'ada', user: 'ada.here' }], teams };

test('without a forge a login is the person of this very name, and a mail address too', () => {
  const people = (known: OwnerPeople) => [ADA, WEB, MAIL].map((owner) => owner && peopleOf(owner, known));
  expect(people(HERE)).toEqual([['Ada'], ['lee', 'max'], ['vera@example.com']]);
  expect(people(AT_FORGE)).toEqual([['ada.here'], ['lee', 'max'], []]);
  expect(people({ people: [], teams: new Map() })).toEqual([[], [], []]);
});

test('each file needs one of its owners, and what is missing is named by file', () => {
  const owned = ownersOf(parseCodeOwners('* @Ada\n/teams/ @org/web @gone\n/free'), ['a', 'teams/b', 'free', 'z']) ?? new Map();
  const status = (approvers: readonly string[], more: object = {}) => ({
    ...{ file: 'CODEOWNERS', required: true, ...more },
    files: judgeOwners(owned, HERE, approvers),
  });
  expect(status(['max', 'eve']).files).toEqual([
    { path: 'a', owners: ['@Ada'], approvedBy: [] },
    { path: 'teams/b', owners: ['@org/web', '@gone'], approvedBy: ['max'] },
    { path: 'z', owners: ['@Ada'], approvedBy: [] },
  ]);
  expect(missingOwners(status(['max']))).toBe('an owner has to approve a of @Ada, z of @Ada');
  expect(missingOwners(status(['Ada']))).toBe('an owner has to approve teams/b of @org/web or @gone');
  expect(missingOwners(status(['Ada', 'lee']))).toBeUndefined();
  expect(missingOwners(status([], { required: false }))).toBeUndefined();
  expect(missingOwners({ file: 'CODEOWNERS', required: true, problem: 'it is a link', files: [] })).toBe('it is a link');
});

test('however many files and owners, what is said of them has an end', () => {
  const text = `* ${Array.from({ length: 40 }, (_, index) => `@${'x'.repeat(200)}${index}`).join(' ')}`;
  const paths = Array.from({ length: 64 }, (_, index) => `f${index}`);
  const files = judgeOwners(ownersOf(parseCodeOwners(text), paths) ?? new Map(), HERE, [`${'x'.repeat(200)}39`]);
  expect(files).toHaveLength(64);
  expect(files[0]?.owners).toHaveLength(10);
  expect(files[0]?.owners[0]).toHaveLength(128);
  // One that is not listed any more is an owner still.
  expect(files[0]?.approvedBy).toHaveLength(1);
  const missing = missingOwners({
    file: 'CODEOWNERS',
    required: true,
    files: files.map((each) => ({ ...each, approvedBy: [] })),
  });
  expect(missing).toMatch(/, and 59 more files$/);
});
