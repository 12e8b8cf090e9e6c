// Who a request comes from, and as whom the cluster is asked. The API server decides; nothing here does.
import type { Impersonation } from '../../runtime/kube/types.ts';
import type { ApiKeyScope } from '../../schemas/api/api-keys.ts';
import { kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import type { Person } from '../store/people.ts';

export type Identity =
  | {
      readonly via: 'sign-in';
      readonly person: Person;
      /** `sign-in:<id>`, see store/credentials.ts. */
      readonly credential: string;
      readonly csrfToken: string;
    }
  | {
      readonly via: 'api-key';
      readonly person: Person;
      readonly credential: string;
      /** What it was narrowed to. */
      readonly scopes: readonly ApiKeyScope[];
      /** From where alone it counts; empty: from everywhere. */
      readonly addresses: readonly string[];
      readonly expiresAt: Date;
    }
  | {
      /** A machine, with a token of its ServiceAccount. */
      readonly via: 'service-account';
      readonly person: Person;
      readonly credential: string;
      readonly expiresAt: Date;
    };

export function impersonationOf(person: Person): Impersonation {
  return { user: kubernetesUser(person.name), groups: kubernetesGroups(person.groups) };
}

/**
 * The subject of a SubjectAccessReview. The API server adds `system:authenticated` to whoever is impersonated but not to
 * the subject of a review: without it a review says no where the request itself would pass.
 */
export function reviewSubjectOf(person: Person): Impersonation {
  return { user: kubernetesUser(person.name), groups: [...kubernetesGroups(person.groups), 'system:authenticated'] };
}

/** Names and groups come from outside and end up in headers and RBAC subjects: no spaces, colons or control characters. */
export function validSubjectName(name: unknown): name is string {
  return typeof name === 'string' && /^[^\s:\p{Cc}]{1,128}$/u.test(name);
}
