// Where a program is, found once at the start: what is run later with an empty environment has no PATH.
import { statSync } from 'node:fs';
import path from 'node:path';

/** The absolute path; the name as it came where PATH has none such. */
export function findProgram(name: string, searchPath: string | undefined): string {
  if (name.includes('/')) return path.resolve(name);
  const candidates = (searchPath ?? '')
    .split(path.delimiter)
    .filter(path.isAbsolute)
    .map((folder) => path.join(folder, name));
  return candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile()) ?? name;
}
