import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiKeyPrefix, createApiKeyText, parseApiKey } from './api-key.ts';

test('a key that was made is parsed to its id, and its prefix is shown without the secret', () => {
  const { id, key } = createApiKeyText();
  expect(key).toMatch(/^ssk_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
  expect(parseApiKey(key)).toEqual({ id });
  expect(key.startsWith(`${apiKeyPrefix(id)}_`)).toBe(true);
});

test('a key with one character changed is no key: the checksum finds it', () => {
  const { key } = createApiKeyText();
  fc.assert(
    fc.property(fc.integer({ min: 4, max: key.length - 1 }), fc.constantFrom('0', 'a', 'Z'), (at, other) => {
      const changed = key.slice(0, at) + other + key.slice(at + 1);
      expect(parseApiKey(changed) !== undefined).toBe(changed === key);
    }),
  );
});

test('whatever text comes, it is parsed or refused, never an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    }),
  );
});
