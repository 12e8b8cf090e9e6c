// What is built: names, layers, and how a container of each starts. The file systems are in the folders of the same names.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file of a layer has this time, so that the same files give the same digest. 2026-01-01. */
export const SOURCE_DATE_EPOCH = 1_767_225_600;

/** Raised when the way of building changes what comes out, while the definitions stay as they are. */
const BUILD_FORMAT = 1;

export const IMAGES_VERSION = '0.1.0';

export interface DesktopImage {
  /** Folder below `images/`, and the last part of the reference. */
  readonly name: 'terminal' | 'firefox';
  /** The program that the desktop keeps running. */
  readonly program: string;
}

export const DESKTOP_IMAGES: readonly DesktopImage[] = [
  { name: 'terminal', program: '/usr/lib/streamspace/terminal' },
  { name: 'firefox', program: '/usr/lib/streamspace/firefox' },
];

export const PAUSE_REF = 'localhost/streamspace/pause:1';

export function desktopRef(name: DesktopImage['name']): string {
  return `localhost/streamspace/${name}:${IMAGES_VERSION}`;
}

/** One name a line, `#` starts a comment. */
export function parsePackages(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** Changes when anything does that an image is made of: files, Debian release, architecture, way of building. */
export async function definitionsHash(
  folder: string,
  made: { readonly suite: string; readonly architecture: string },
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([BUILD_FORMAT, made.suite, made.architecture, DESKTOP_IMAGES]));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !/\.(ts|md)$|^Containerfile$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = await readFile(file);
    hash.update(`${relative(folder, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}
