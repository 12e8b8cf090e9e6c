// Codes of: second factors and step-up.
import type { ErrorEntry } from './entry.ts';

export const FACTOR_ERRORS = {
  SecondFactorInvalid: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Try again with the next code, another passkey or a recovery code; a platform admin can reset your factors.',
  },
  SecondFactorNotOffered: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Choose another method; a SignInPolicy, or how this gateway is set up, does not offer this one.',
  },
  SignInPolicyUnknown: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Try again in a moment; nobody signs in before the gateway has read the SignInPolicies from the API server.',
  },
} as const satisfies Record<string, ErrorEntry>;
