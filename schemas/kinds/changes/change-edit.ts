// What a ChangeRequest wishes of the objects in Git: fields of one set or removed, one made, one taken away.
import * as z from 'zod';
import { ATOMIC, cel, dnsLabel } from '../kind.ts';
import { parseChangePath } from './change-path.ts';

const NO_PATH = 'write a path such as spec.members[user=ada].role, spec.members[] for a new item, or metadata.labels["a/b"]';
const NO_JSON = 'write JSON';
/** Of one object. */
export const MAX_FIELD_CHANGES = 32;
const VALUE_FOR_SET = 'value is for Set, and Set needs it';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const json = (max: number) => z.string().min(1).max(max).refine(isJson, NO_JSON);

export const fieldChange = z
  .object({
    op: z.enum(['Set', 'Remove']).describe('What is done with the field or item.'),
    path: z
      .string()
      .min(1)
      .max(512)
      .refine((text) => parseChangePath(text) !== undefined, NO_PATH)
      .describe(
        'Which: `spec.displayName`, `spec.members[user=ada].role` for a field of the item whose user is ada, `spec.members[]` for a new last item (with `Remove`: for the item that is exactly what `was` says), `metadata.labels["a/b"]` for a name with other characters.',
      ),
    value: json(8_192).optional().describe('The new value, as JSON.'),
    was: json(8_192)
      .optional()
      .describe(
        'What it was when the change was asked for, as JSON; `null` for nothing. Where it is something else by now, that is a conflict.',
      ),
  })
  .refine(({ op, value }) => (op === 'Set') === (value !== undefined), VALUE_FOR_SET)
  .meta(cel({ rule: "(self.op == 'Set') == has(self.value)", message: VALUE_FOR_SET }));
export type FieldChange = z.infer<typeof fieldChange>;

export const changedObject = z
  .object({
    apiVersion: z.string().min(1).max(128).describe('Its apiVersion.'),
    kind: z.string().min(1).max(63).describe('Its kind.'),
    namespace: dnsLabel.optional().describe('Its namespace; left out for a cluster-wide object.'),
    name: z.string().min(1).max(253).describe('Its name.'),
  })
  .describe('Which object.');
export type ChangedObject = z.infer<typeof changedObject>;

const BY_ACTION = 'a Patch has changes, a Create has a manifest, a Delete has neither';

export const changeEdit = z
  .object({
    action: z.enum(['Patch', 'Create', 'Delete']).describe('What is done with the object in Git.'),
    object: changedObject,
    changes: z.array(fieldChange).min(1).max(MAX_FIELD_CHANGES).optional().describe('`Patch`: one after the other.'),
    manifest: json(32_768).optional().describe('`Create`: the whole object, as JSON.'),
    file: z
      .string()
      .min(1)
      .max(512)
      .regex(/^[\w][\w./-]*\.ya?ml$/, 'write a path below the repository that ends in .yaml')
      .refine((path) => !path.split('/').includes('..'), 'write a path without ..')
      .optional()
      .describe('`Create`: the new file. Left out: `<path of the unit>/<namespace>/<kind>-<name>.yaml`.'),
  })
  .refine(
    ({ action, changes, manifest }) =>
      (action === 'Patch') === (changes !== undefined) && (action === 'Create') === (manifest !== undefined),
    BY_ACTION,
  )
  .refine(({ action, file }) => file === undefined || action === 'Create', 'file is for Create')
  .meta({
    ...ATOMIC,
    ...cel({
      rule: "(self.action == 'Patch') == has(self.changes) && (self.action == 'Create') == has(self.manifest) && (self.action == 'Create' || !has(self.file))",
      message: BY_ACTION,
    }),
  });
export type ChangeEdit = z.infer<typeof changeEdit>;
