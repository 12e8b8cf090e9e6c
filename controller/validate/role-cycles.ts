// AccessRoles of one commit that inherit from themselves: told before the cluster sees them. What only the cluster knows of is
// judged there. Pure.
import { accessRoleKind, accessRoleSpec } from '../../schemas/kinds/access-role.ts';
import { expandRole } from '../../schemas/kinds/expand-role.ts';
import { describeId } from '../render/manifest.ts';
import { kindOf } from './our-kinds.ts';
import type { Identified, Problem } from './validate.ts';

export function roleCycles(objects: readonly Identified[]): readonly Problem[] {
  const inherits = new Map<string, readonly string[]>();
  for (const { manifest } of objects) {
    if (kindOf(manifest)?.kind !== accessRoleKind.kind) continue;
    const spec = accessRoleSpec.safeParse(manifest.object['spec']);
    if (spec.success) inherits.set(manifest.name, spec.data.inherits);
  }
  const ofSet = new Map(
    [...inherits].map(([name, names]) => [name, { inherits: names.filter((each) => inherits.has(each)) }] as const),
  );
  return objects.flatMap(({ id, manifest }) => {
    if (kindOf(manifest)?.kind !== accessRoleKind.kind || !ofSet.has(manifest.name)) return [];
    const expansion = expandRole(manifest.name, ofSet);
    if (expansion.ok) return [];
    const line = manifest.lineOf(['spec', 'inherits']) ?? manifest.position.line;
    const position = { ...manifest.position, ...(line === undefined ? {} : { line }) };
    return [{ code: expansion.code, message: `${describeId(id)}: ${expansion.message}`, object: id, position }];
  });
}
