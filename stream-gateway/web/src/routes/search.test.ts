import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogSearch, desktopSearch, narrowsRecordings, recordingsSearch, sessionsSearch, sourceSearch } from './search.ts';

test('an address keeps what is valid and drops the rest', () => {
  expect(catalogSearch({ q: 'fire', category: 'Internet', size: 'huge', view: 'list', x: 1 })).toEqual({
    q: 'fire',
    category: 'Internet',
    view: 'list',
  });
  expect(catalogSearch({ q: 42 })).toEqual({ q: '42' });
  expect(sessionsSearch({ show: 'failed', whose: 'theirs' })).toEqual({ show: 'failed' });
});

test('the filters of recordings are those that there are, and days are days', () => {
  expect(recordingsSearch({ session: 'team-web/one', person: 7, state: 'Complete', from: '2026-11-28', to: 'never' })).toEqual({
    session: 'team-web/one',
    person: '7',
    state: 'Complete',
    from: '2026-11-28',
  });
  expect(recordingsSearch({ state: 'Gone', from: '2026-13-45', to: 20261128 })).toEqual({});
  expect(narrowsRecordings({})).toBe(false);
  expect(narrowsRecordings({ to: '2026-11-28' })).toBe(true);
});

test('the address of a Git source says its tab and what is chosen there, and not what is the case anyway', () => {
  expect(sourceSearch({ tab: 'objects', by: 'namespace', health: 'Degraded', object: '/ConfigMap/a/b' })).toEqual({
    tab: 'objects',
    by: 'namespace',
    health: 'Degraded',
    object: '/ConfigMap/a/b',
  });
  expect(sourceSearch({ tab: 'overview', by: 'kind', health: 'Fine', action: 'unchanged' })).toEqual({});
});

test.each([[{ view: true }], [{ view: '' }], [{ view: 1 }]])('%o asks to look on', (raw) => {
  expect(desktopSearch(raw)).toEqual({ view: true });
});

test.each([[{}], [{ view: false }], [{ view: 0 }], [{ view: 'false' }]])('%o does not', (raw) => {
  expect(desktopSearch(raw)).toEqual({});
});

test('whatever stands in an address, reading its own result again changes nothing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('q', 'category', 'size', 'view', 'show', 'whose', 'tab', 'by', 'health', 'object'),
        fc.anything(),
      ),
      (raw) => {
        for (const read of [catalogSearch, sessionsSearch, desktopSearch, sourceSearch]) {
          const once = read(raw);
          expect(read({ ...once })).toEqual(once);
        }
      },
    ),
  );
});
