// Giving a role, moving its end and ending it, as edits of Git. Pure.
import type { ChangeEdit } from '../../../../../schemas/kinds/changes/change-edit.ts';
import { fieldChanges } from '../../../../../schemas/kinds/changes/field-changes.ts';
import { API_GROUP_VERSION } from '../../../../../schemas/names.ts';

/** As long as an AccessBinding may say why. */
export const MAX_BINDING_REASON = 512;

export interface RoleWish {
  readonly kind: 'user' | 'group';
  /** As the identity provider, or the team of a machine, calls it. */
  readonly name: string;
  readonly role: string;
  /** The name of the team. */
  readonly team: string;
  /** Where the binding is to lie. */
  readonly namespace: string;
  readonly notBefore: string | undefined;
  readonly expiresAt: string | undefined;
  readonly reason: string;
}

export interface BindingPlace {
  readonly namespace: string;
  readonly name: string;
}

/** @param unlike what keeps its name apart from that of another binding for the same */
export function roleGiven(wish: RoleWish, unlike: string): ChangeEdit {
  const { kind: who, role, team, namespace, notBefore, expiresAt, reason } = wish;
  const name = bindingName(wish, unlike);
  const object = { apiVersion: API_GROUP_VERSION, kind: 'AccessBinding', namespace, name };
  const spec = {
    ...{ subject: { [who]: wish.name }, roleRef: role, scope: { team } },
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    reason,
  };
  const { apiVersion, kind } = object;
  return { action: 'Create', object, manifest: JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec }) };
}

/** `ann-trainer-k3x9`: what people find in Git, of letters that a name of the cluster takes. */
function bindingName({ name, role }: RoleWish, unlike: string): string {
  const plain = `${name}-${role}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `${plain.slice(0, 50).replaceAll(/^-+|-+$/g, '') || 'role'}-${unlike}`;
}

/**
 * @param was as it is in the cluster
 * @param is undefined: it has no end any more
 * @returns undefined where nothing changes
 */
export function endMoved(binding: BindingPlace, was: string | null, is: string | undefined): ChangeEdit | undefined {
  const same = was !== null && is !== undefined && Date.parse(was) === Date.parse(is);
  const before = was === null ? {} : { expiresAt: was };
  const after = is === undefined ? {} : { expiresAt: is };
  const changes = same ? [] : fieldChanges(before, after, [{ kind: 'field', name: 'spec' }]);
  return changes.length === 0 ? undefined : { action: 'Patch', object: objectOf(binding), changes: [...changes] };
}

export function ended(binding: BindingPlace): ChangeEdit {
  return { action: 'Delete', object: objectOf(binding) };
}

function objectOf({ namespace, name }: BindingPlace): ChangeEdit['object'] {
  return { apiVersion: API_GROUP_VERSION, kind: 'AccessBinding', namespace, name };
}
