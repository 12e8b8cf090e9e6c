// AccessRoles of one commit that inherit from themselves: told before the cluster sees them. What only the cluster knows of is
// judged there. Pure.
import { accessRoleKind, accessRoleSpec } from '../../schemas/kinds/access/access-role.ts';
import { expandRole } from '../../schemas/kinds/access/expand-role.ts';
import type { Manifest } from '../render/manifest.ts';
import { kindOf } from './our-kinds.ts';

export interface RoleProblem<T> {
  readonly object: T;
  readonly code: 'AccessRoleCycle' | 'AccessRoleNotFound';
  readonly message: string;
}

export function roleCycles<T extends { readonly manifest: Manifest }>(objects: readonly T[]): readonly RoleProblem<T>[] {
  const inherits = new Map<string, readonly string[]>();
  for (const { manifest } of objects) {
    if (kindOf(manifest)?.kind !== accessRoleKind.kind) continue;
    const spec = accessRoleSpec.safeParse(manifest.object['spec']);
    if (spec.success) inherits.set(manifest.name, spec.data.inherits);
  }
  const ofSet = new Map(
    [...inherits].map(([name, names]) => [name, { inherits: names.filter((each) => inherits.has(each)) }] as const),
  );
  return objects.flatMap((object) => {
    const { manifest } = object;
    if (kindOf(manifest)?.kind !== accessRoleKind.kind || !ofSet.has(manifest.name)) return [];
    const expansion = expandRole(manifest.name, ofSet);
    return expansion.ok ? [] : [{ object, code: expansion.code, message: expansion.message }];
  });
}
