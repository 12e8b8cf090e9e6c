// Codes of: signatures.
import type { ErrorEntry } from './entry.ts';

export const SIGNATURE_ERRORS = {
  SignatureMissing: { category: 'forbidden', retry: 'never', remedy: 'Sign the named commit or tag, and push it again.' },
  SignatureInvalid: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign the named commit or tag with one SSH or PGP signature, and push it again.',
  },
  SignerUnknown: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign with a key that spec.verify.keysRef lists, or add the public key there.',
  },
  SignerExpired: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign with a key that is valid now, or extend its validity where spec.verify.keysRef lists it.',
  },
  SignerRevoked: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Find out what the revoked key was used for; sign the commit again with another key.',
  },
  SignatureKeysInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct the Secret or ConfigMap that spec.verify.keysRef names, at the named key and line.',
  },
  SignatureRangeTooLarge: {
    category: 'limit',
    retry: 'never',
    remedy: 'Push smaller steps, or set spec.verify.mode to Head until this revision is synced.',
  },
} as const satisfies Record<string, ErrorEntry>;
