import { expect, test } from 'vitest';
import { githubApiUrl } from './api-url.ts';

test.each([
  [{ url: 'https://github.com' }, 'https://api.github.com'],
  [{ url: 'https://octo.ghe.com' }, 'https://api.octo.ghe.com'],
  [{ url: 'https://github.example.com:8443' }, 'https://github.example.com:8443/api/v3'],
  // Not GitHub's own, whatever it is called.
  [{ url: 'https://notgithub.com' }, 'https://notgithub.com/api/v3'],
  [{ url: 'https://github.example.com', apiUrl: 'https://api.example.com/v3' }, 'https://api.example.com/v3'],
])('of %j the API is at %s', (spec, apiUrl) => {
  expect(githubApiUrl(spec)).toBe(apiUrl);
});
