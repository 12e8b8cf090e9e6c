// Codes of: policies.
import type { ErrorEntry } from './entry.ts';

export const POLICY_ERRORS = {
  PolicyInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy:
      'Correct the pattern or the expression that the message names; until then everything that it would have judged is denied.',
  },
  PolicyUnreached: {
    category: 'invalid',
    retry: 'never',
    remedy: "Move the policy to the namespace streamspace or to a team's namespace.",
  },
  QuotaUnreached: {
    category: 'invalid',
    retry: 'never',
    remedy: "Move the quota to the namespace streamspace or to a team's namespace; the scope Platform belongs into streamspace.",
  },
  UsageLedgerInvalid: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Somebody has changed the ConfigMap that the message names. Put it back from a backup, or delete it: then the CPU hours in it are lost.',
  },
} as const satisfies Record<string, ErrorEntry>;
