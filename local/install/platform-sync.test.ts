import { expect, test } from 'vitest';
import { isOurOldAddress } from './platform-sync.ts';

const NOW = 'http://127.0.0.1:22217/config.git';

test('only the same repository on another port of this machine counts as our own old address', () => {
  expect(isOurOldAddress('http://127.0.0.1:20001/config.git', NOW)).toBe(true);
  expect(isOurOldAddress(NOW, NOW)).toBe(false);
  expect(isOurOldAddress('https://git.example.org/config.git', NOW)).toBe(false);
  expect(isOurOldAddress('http://127.0.0.1:20001/other.git', NOW)).toBe(false);
});
