// Codes of: roles and bindings.
import type { ErrorEntry } from './entry.ts';

export const ACCESS_ERRORS = {
  AccessRoleCycle: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Take one of the roles of the path out of `inherits`; until then they give no right.',
  },
  AccessRoleNotFound: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Correct the name, or add the AccessRole that it means.',
  },
  AccessScopeNotAllowed: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Choose a role that can be given there, or keep the binding in the namespace streamspace.',
  },
  AccessTooWide: {
    category: 'forbidden',
    retry: 'never',
    remedy:
      'Choose a role that gives no more than an admin of the team has, or ask a platform admin to keep the binding in the namespace streamspace.',
  },
  AccessTargetNotFound: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Correct the name of the team or session; the role is given as soon as it is there.',
  },
} as const satisfies Record<string, ErrorEntry>;
