// Which SignInPolicies a change wakes: the policy itself, and all of a namespace that becomes or ceases to be a team's.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { Known, Woken } from './woken.ts';

/** @param news whether somebody wished something, or it is new or gone */
export function signInPoliciesWokenBy(
  resource: Resource,
  object: KubeObjectJson,
  before: KubeObjectJson | undefined,
  { signInPolicies = [] }: Pick<Known, 'signInPolicies'>,
  news: boolean,
): readonly Woken[] {
  const { namespace = '', name } = object.metadata;
  switch (resource.plural) {
    case RESOURCES.signInPolicies.plural:
      return news ? [{ kind: 'SignInPolicy', key: { namespace, name } }] : [];
    case RESOURCES.namespaces.plural:
      if (isDeepStrictEqual(object.metadata.labels, before?.metadata.labels)) return [];
      return [...signInPolicies]
        .filter(({ metadata }) => metadata.namespace === name)
        .map(({ metadata }) => ({ kind: 'SignInPolicy', key: { namespace: name, name: metadata.name } }));
    default:
      return [];
  }
}
