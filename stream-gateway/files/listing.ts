// What `find -printf` says of a folder, as entries. Names that are no UTF-8 cannot be asked for by anybody, so they are left out.
import type { FileEntry } from '../../schemas/api/files.ts';
import { PART_NAME } from '../dlp/files/home-path.ts';

export type HomeEntry = FileEntry;

const KINDS: Readonly<Record<string, HomeEntry['kind']>> = { f: 'File', d: 'Folder', l: 'Link' };
const ENTRY = /^([a-zA-Z])\t(\d{1,19})\t(-?\d{1,16})(?:\.\d*)?\t([\s\S]+)$/;

/**
 * @param output of the script LIST; a last entry that was cut off is left out
 * @param most entries that are looked for
 * @returns folders first, then by name
 */
export function parseListing(output: Uint8Array, most: number): readonly HomeEntry[] {
  const entries: HomeEntry[] = [];
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0 && entries.length < most; end = bytes.indexOf(0, start)) {
    const entry = parseEntry(bytes.subarray(start, end));
    if (entry !== undefined) entries.push(entry);
    start = end + 1;
  }
  return entries.sort(byKindAndName);
}

function parseEntry(bytes: Buffer): HomeEntry | undefined {
  const text = bytes.toString('utf8');
  const [, kind = '', size, seconds, name = ''] = ENTRY.exec(text) ?? [];
  if (name === '' || PART_NAME.test(name) || !Buffer.from(text, 'utf8').equals(bytes)) return undefined;
  const modified = new Date(Number(seconds) * 1000);
  return {
    name,
    kind: KINDS[kind] ?? 'Other',
    bytes: Number(size),
    modifiedAt: Number.isNaN(modified.getTime()) ? null : modified.toISOString(),
  };
}

function byKindAndName(a: HomeEntry, b: HomeEntry): number {
  const first = Number(b.kind === 'Folder') - Number(a.kind === 'Folder');
  return first !== 0 ? first : a.name < b.name ? -1 : Number(a.name > b.name);
}
