import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameSitePath } from './return-to.ts';

test.each(['/', '/catalog', '/s/team-web/a?x=1#top', '/a//b'])('%s is a path of this site', (path) => {
  expect(sameSitePath(path)).toBe(path);
});

test.each(['', 'catalog', 'https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', '/..//evil.example'])(
  '%j is not',
  (text) => {
    expect(sameSitePath(text)).toBeUndefined();
  },
);

test('whatever is accepted stays on the site, as a browser resolves it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `/${text}`),
        fc.webUrl(),
      ),
      (text) => {
        const path = sameSitePath(text);
        if (path === undefined) return;
        expect(new URL(path, 'https://desktops.example.com').origin).toBe('https://desktops.example.com');
      },
    ),
    { numRuns: 2_000 },
  );
});
