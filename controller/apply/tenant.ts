// Who a GitSync acts as: the service account in its own namespace, never the controller itself.
import type { Impersonation } from '../../runtime/kube/types.ts';

/** @throws RangeError for an empty name: never a fallback to our own rights */
export function serviceAccount(namespace: string, name: string): Impersonation {
  if (namespace === '' || name === '') throw new RangeError('a service account needs a namespace and a name');
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
