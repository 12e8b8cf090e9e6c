// From the options of `streamspace changes create` to the edits that the API takes.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangedObject, ChangeEdit, FieldChange } from '../../../schemas/kinds/changes/change-edit.ts';
import { parseChangePath } from '../../../schemas/kinds/changes/change-path.ts';
import { API_GROUP_VERSION } from '../../../schemas/names.ts';

export interface EditFlags {
  readonly object?: string;
  readonly apiVersion?: string;
  readonly set?: readonly string[];
  readonly remove?: readonly string[];
}

/** @throws UsageInvalid */
export function editFrom({ object, apiVersion, set = [], remove = [] }: EditFlags): ChangeEdit {
  if (object === undefined) throw new StreamSpaceError('UsageInvalid', 'name an --object such as Team/web, or a --file of edits');
  const changes = [...set.map(settingFrom), ...remove.map(removalFrom)];
  if (changes.length === 0) throw new StreamSpaceError('UsageInvalid', 'give at least one --set or --remove');
  return { action: 'Patch', object: objectFrom(object, apiVersion), changes };
}

/** `Kind/name` or `Kind/namespace/name`. @throws UsageInvalid */
export function objectFrom(text: string, apiVersion = API_GROUP_VERSION): ChangedObject {
  const parts = text.split('/');
  const [kind = '', ...rest] = parts;
  const [namespace, name] = rest.length === 2 ? rest : [undefined, rest[0]];
  if (kind === '' || name === undefined || name === '' || rest.length > 2)
    throw new StreamSpaceError('UsageInvalid', `--object ${text}: write Kind/name or Kind/namespace/name`);
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** `PATH=VALUE`: JSON, or a text that is none. A path may have = in it, between brackets. */
function settingFrom(text: string): FieldChange {
  for (let at = text.indexOf('='); at > 0; at = text.indexOf('=', at + 1)) {
    const path = text.slice(0, at);
    if (parseChangePath(path) !== undefined) return { op: 'Set', path, value: jsonOf(text.slice(at + 1)) };
  }
  throw new StreamSpaceError(
    'UsageInvalid',
    `--set ${text}: write a path, =, and a value, such as spec.members[user=ada].role=viewer`,
  );
}

function removalFrom(path: string): FieldChange {
  if (parseChangePath(path) === undefined)
    throw new StreamSpaceError('UsageInvalid', `--remove ${path}: write a path such as spec.members[user=ada]`);
  return { op: 'Remove', path };
}

function jsonOf(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
