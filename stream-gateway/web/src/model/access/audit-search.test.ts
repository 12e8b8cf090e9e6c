import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAuditSearch } from '../../../../../schemas/audit-search/parse.ts';
import { completionsOf, pageOfObject, withoutTerm, withSince, withTerm } from './audit-search.ts';

const KNOWN = { actors: ['ann', 'ann lee'], teams: ['web'] };
const shown = (text: string): readonly string[] => completionsOf(text, KNOWN).map((completion) => completion.shown);

test('keys are offered first, then what is known of a key, in place of the word that is being written', () => {
  expect(shown('')).toContain('actor:');
  expect(shown('result:denied a')).toEqual(['actor:', 'action:', 'address:']);
  expect(shown('-te')).toEqual(['-team:']);
  expect(completionsOf('since:2d actor:ann', KNOWN)).toEqual([{ text: 'since:2d actor:"ann lee" ', shown: 'actor:"ann lee"' }]);
  expect(shown('action:session.')).toContain('action:session.*');
  expect(shown('-result:ref')).toEqual(['-result:refused']);
  expect(shown('"a quoted wo')).toEqual([]);
  expect(shown('nosuch:x')).toEqual([]);
});

test('whatever is written, a completion continues it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      for (const completion of completionsOf(text, KNOWN))
        expect(completion.text.startsWith(text.replace(/\S*$/, ''))).toBe(true);
    }),
  );
});

test('a term is taken away, a range is put in place of another, and one is added once', () => {
  expect(withoutTerm('actor:ann since:1d -"a b"', 1)).toBe('actor:ann -"a b"');
  expect(withSince('since:1d actor:ann', '7d')).toBe('actor:ann since:7d');
  expect(withSince('since:1d actor:ann', null)).toBe('actor:ann');
  expect(withTerm('actor:ann', 'actor', 'ann')).toBe('actor:ann');
  expect(parseAuditSearch(withTerm('since:1d', 'object', 'Session/team-web/demo')).ok).toBe(true);
});

test('objects that have a page are links to it', () => {
  expect(pageOfObject('Session/team-web/demo')?.to).toBe('/sessions/team-web/demo');
  expect(pageOfObject('Session/team-web/')).toBeUndefined();
  expect(pageOfObject('AuditLog/2026-11')).toBeUndefined();
});
