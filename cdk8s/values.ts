// Values that people change without TypeScript: YAML files in `values/`, beside the entry file. An object that is made of them says so in
// its annotation `streamspace.io/values`, so that a change request edits the file.
import { parse } from 'yaml';
import type { GlobModules } from './glob.ts';

/** On every map of a values file: `values/quotas.yaml#web.limits`. It goes along where the map is spread into props. */
const ORIGIN = Symbol('streamspace.io/values');
const FILE = /^values\/[\w.-]+\.ya?ml$/;
const PLAIN = /^[\w-]+$/;

/**
 * What a values file says. Its fields are checked by the constructs that they are given to; hand over maps, or spread them, rather than
 * single fields: a field that is taken out on its own has forgotten where it came from.
 * @param files what `import.meta.glob` found
 * @param file beside the entry file
 * @example
 * const files = import.meta.glob<string>('./values/*.yaml', { eager: true, import: 'default' });
 * const quotas = values<Record<string, QuotaFields>>(files, 'values/quotas.yaml');
 * for (const [name, fields] of Object.entries(quotas)) new Quota(chart, name, fields);
 */
export function values<T extends object>(files: GlobModules<string>, file: string): T {
  const name = file.replace(/^\.\//, '');
  if (!FILE.test(name)) throw new Error(`${file} is no values file: write a name such as values/quotas.yaml`);
  const text = files[`./${name}`];
  if (text === undefined) throw new Error(`there is no ${name} among ${Object.keys(files).join(', ') || 'no files at all'}`);
  let value: unknown;
  try {
    value = parse(text, { version: '1.1', merge: true });
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isMap(value)) throw new Error(`${name}: write a map of names and what belongs to them`);
  mark(value, `${name}#`);
  return value as T;
}

/** `spec=values/quotas.yaml#web`, for each part that comes of a values file with what is below it; undefined for none. */
export function originsIn(fields: object): string | undefined {
  const found = originsBelow(fields, 'spec', undefined);
  return found.length === 0 ? undefined : found.join(', ');
}

function originsBelow(value: unknown, path: string, inherited: string | undefined): readonly string[] {
  if (!isMap(value)) return [];
  const given = value[ORIGIN];
  const origin = typeof given === 'string' ? given : inherited;
  const own = origin === undefined || origin === inherited ? [] : [`${path}=${origin}`];
  const below = Object.entries(value)
    .filter(([key]) => PLAIN.test(key))
    .flatMap(([key, inner]) => originsBelow(inner, `${path}.${key}`, origin === undefined ? undefined : joined(origin, key)));
  return [...own, ...below];
}

function mark(value: Record<string | symbol, unknown>, origin: string): void {
  value[ORIGIN] = origin;
  for (const [key, inner] of Object.entries(value)) if (PLAIN.test(key) && isMap(inner)) mark(inner, joined(origin, key));
}

function joined(origin: string, key: string): string {
  return origin.endsWith('#') ? `${origin}${key}` : `${origin}.${key}`;
}

function isMap(value: unknown): value is Record<string | symbol, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
