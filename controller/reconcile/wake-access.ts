// Whom a change wakes that may alter what roles and bindings give. Pure.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { AccessBinding } from '../../schemas/kinds/access/access-binding.ts';
import { LABELS } from '../../schemas/names.ts';
import type { KnownToAccess, Woken } from './woken.ts';

/** @param news whether somebody wished something, or it is new or gone */
export function accessWokenBy(
  resource: Resource,
  { metadata }: KubeObjectJson,
  before: KubeObjectJson | undefined,
  known: KnownToAccess,
  news: boolean,
): readonly Woken[] {
  const { namespace = '', name } = metadata;
  switch (resource.plural) {
    // Others may inherit from it, over any number of roles; there are few.
    case RESOURCES.accessRoles.plural:
      return news ? [{ kind: 'AccessRole', key: { name } }, ...rolesOf(known), ...bindingsOf(known, () => true)] : [];
    case RESOURCES.accessBindings.plural:
      return news ? [{ kind: 'AccessBinding', key: { namespace, name } }] : [];
    case RESOURCES.identityProviders.plural:
      return news ? [{ kind: 'IdentityProvider', key: { namespace, name } }] : [];
    // Who has which namespace decides about every binding in it.
    case RESOURCES.teams.plural:
      return news ? bindingsOf(known, () => true) : [];
    case RESOURCES.sessions.plural:
      return before === undefined
        ? bindingsOf(known, ({ spec: { scope } }) => scope.session?.namespace === namespace && scope.session.name === name)
        : [];
    default: {
      const role = metadata.labels?.[LABELS.accessRole];
      const uid = metadata.labels?.[LABELS.accessBinding];
      return [
        ...(role === undefined ? [] : [{ kind: 'AccessRole', key: { name: role } } as const]),
        ...(uid === undefined ? [] : bindingsOf(known, (binding) => binding.metadata.uid === uid)),
      ];
    }
  }
}

function rolesOf({ accessRoles = [] }: KnownToAccess): readonly Woken[] {
  return [...accessRoles].map(({ metadata: { name } }) => ({ kind: 'AccessRole', key: { name } }));
}

function bindingsOf(
  { accessBindings = [] }: KnownToAccess,
  matches: (binding: Pick<AccessBinding, 'metadata' | 'spec'>) => boolean,
): readonly Woken[] {
  return [...accessBindings]
    .filter(matches)
    .map(({ metadata: { namespace = '', name } }) => ({ kind: 'AccessBinding', key: { namespace, name } }));
}
