import fc from 'fast-check';
import { EqualityFilter, FilterParser } from 'ldapts';
import { expect, test } from 'vitest';
import { filledFilter } from './ldap-filter.ts';

test('whatever is typed is compared as it was typed, and never changes what is asked', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (typed) => {
      const parsed = FilterParser.parseString(filledFilter('(uid={username})', { username: typed }));
      expect(parsed).toBeInstanceOf(EqualityFilter);
      expect(parsed).toMatchObject({ attribute: 'uid', value: typed });
    }),
  );
});

test.each(['*', 'mia)(uid=*', '*)(objectClass=*))(|(uid=*', 'mia\\2a', 'mia\0', '{dn}', '(&(uid=mia)'])(
  '%j is a name like any other',
  (typed) => {
    const filter = filledFilter('(&(objectClass=person)(uid={username}))', { username: typed, dn: 'cn=admin' });
    expect(FilterParser.parseString(filter)).toMatchObject({
      filters: [{ value: 'person' }, { attribute: 'uid', value: typed }],
    });
  },
);
