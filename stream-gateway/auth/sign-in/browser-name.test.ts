// What is made of the header that anybody may write anything into.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { browserName, keptUserAgent, MAX_USER_AGENT } from './browser-name.ts';

const AGENTS = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0', 'Firefox 142 on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0',
    'Edge 141 on Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
    'Chrome 141 on Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
    'Safari 19 on iPhone',
  ],
  ['node', 'node'],
  ['curl/8.15.0', 'curl/8.15.0'],
] as const;

test.each(AGENTS)('%s is told as %s', (agent, name) => {
  expect(browserName(agent)).toBe(name);
});

test('whatever the header holds, what is kept fits the row and what is shown is one short line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (header) => {
      const kept = keptUserAgent(header);
      expect((kept ?? '').length).toBeLessThanOrEqual(MAX_USER_AGENT);
      expect(kept ?? 'x').not.toMatch(/\p{Cc}/u);
      const shown = browserName(kept ?? null);
      expect((shown ?? '').length).toBeLessThanOrEqual(80);
      expect(shown ?? '').not.toMatch(/[<>&"\n]/);
    }),
  );
});
