import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const indexesOf = (sql: string): readonly string[] =>
  (sql.match(/create index if not exists [^;]+/g) ?? []).map((each) => each.replaceAll('public.', '').replaceAll(/\s+/g, ' '));

test('the indexes of the audit search are the same whoever makes them: the service, the owner, or the owner later', () => {
  const [migration, owner, later] = [
    'runtime/db/migrations/0016-audit-search.sql',
    'deploy/audit-owner.sql',
    'deploy/audit-search.sql',
  ].map((path) => indexesOf(read(path)));
  expect(migration).toHaveLength(6);
  expect(owner).toEqual(migration);
  expect(later).toEqual(migration);
});
