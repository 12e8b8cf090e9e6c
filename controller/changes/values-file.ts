// An object that a cdk8s app makes of a values file (cdk8s/values.ts) is edited there: its annotation says which part of it the file says.
import path from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { FieldChange } from '../../schemas/kinds/changes/change-edit.ts';
import { formatChangePath, parseChangePath } from '../../schemas/kinds/changes/change-path.ts';
import { ANNOTATIONS } from '../../schemas/names.ts';
import type { Manifest } from '../render/manifest.ts';
import type { Unit } from '../render/unit.ts';
import { at, type JsonValue, textAt } from '../render/yaml/json.ts';
import { parseYamlFile } from '../render/yaml/yaml-file.ts';
import { patchObject } from './edit/edit-yaml.ts';

export interface ValuesPlace {
  readonly file: string;
  /** Down to what stands for the part of the object. */
  readonly keys: readonly string[];
  /** Below that. */
  readonly change: FieldChange;
}

const ORIGIN = /^(spec(?:\.[\w-]+)*)=(values\/[\w.-]+\.ya?ml)#([\w-]+(?:\.[\w-]+)*)?$/;

/** @returns undefined: no values file says this field */
export function valuesPlaceOf({ object }: Manifest, unit: Unit, change: FieldChange): ValuesPlace | undefined {
  const segments = parseChangePath(change.path) ?? [];
  const origin = originsOf(object)
    .filter(({ part }) => part.length < segments.length && part.every((name, index) => isField(segments[index], name)))
    .toSorted((a, b) => b.part.length - a.part.length)[0];
  if (origin === undefined) return undefined;
  const { op, value } = change;
  const below = { op, path: formatChangePath(segments.slice(origin.part.length)), ...(value === undefined ? {} : { value }) };
  const file = fileOf(unit, origin.file);
  return { file, keys: origin.keys, change: below };
}

/** Those that an app has made the object of. */
export function valuesFilesOf({ object }: Manifest, unit: Unit): readonly string[] {
  return originsOf(object).map(({ file }) => fileOf(unit, file));
}

function fileOf({ path: folder, entrypoint }: Unit, file: string): string {
  return path.posix.join(folder, path.posix.dirname(entrypoint), file);
}

/** The bytes after the change. @throws ChangeNotPlain where the file does not say it, and what editing refuses */
export function patchValues({ file, keys, change }: ValuesPlace, bytes: Uint8Array | undefined): Uint8Array {
  const [document] = bytes === undefined ? [] : parseYamlFile(file, bytes);
  const value = document === undefined ? undefined : at(document.value, ...keys);
  if (bytes === undefined || document === undefined || value === undefined)
    throw new StreamSpaceError('ChangeNotPlain', `${file} does not have ${keys.join('.') || 'anything'}, as the object says`, {
      position: { file },
    });
  return patchObject(file, bytes, { document: document.document, path: keys, value, line: document.line }, [change]);
}

function originsOf(object: JsonValue) {
  const text = textAt(object, 'metadata', 'annotations', ANNOTATIONS.values) ?? '';
  return text.split(', ').flatMap((each) => {
    const [, part, file, keys = ''] = ORIGIN.exec(each) ?? [];
    return part === undefined || file === undefined
      ? []
      : [{ file, part: part.split('.'), keys: keys === '' ? [] : keys.split('.') }];
  });
}

function isField(segment: NonNullable<ReturnType<typeof parseChangePath>>[number] | undefined, name: string): boolean {
  return segment?.kind === 'field' && segment.name === name;
}
