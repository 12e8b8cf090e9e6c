import { expect, test } from 'vitest';
import { isPaced } from './github-api.ts';

test.each([
  ['https://api.github.com', true],
  ['https://api.octocorp.ghe.com', true],
  ['https://github.example.com/api/v3', false],
  ['https://ghe.com.example.com/api/v3', false],
  ['https://api.github.com.example.com/api/v3', false],
])('the writes to %s keep the pace that GitHub asks for on its own hosts: %s', (apiUrl, paced) => {
  expect(isPaced(apiUrl)).toBe(paced);
});
