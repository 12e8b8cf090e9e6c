// Stands for the caller of a public route who is not known.
import type { Identity } from '../auth/identity.ts';

export const NOBODY: Identity = {
  via: 'api-key',
  person: { name: '', displayName: '', groups: [] },
  credential: '',
  scopes: [],
  addresses: [],
  expiresAt: new Date(8.64e15),
};
