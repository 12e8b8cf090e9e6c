// Who a GitSync acts as: the service account in its own namespace, never the controller itself.
import type { Impersonation } from '../../runtime/kube/types.ts';

/** @throws RangeError for an empty name: never a fallback to our own rights */
export function serviceAccount(namespace: string, name: string): Impersonation {
  if (namespace === '' || name === '') throw new RangeError('a service account needs a namespace and a name');
  // Without groups: the API server adds those of the service account by itself, and naming them would need the right to
  // impersonate any group.
  return { user: `system:serviceaccount:${namespace}:${name}` };
}
