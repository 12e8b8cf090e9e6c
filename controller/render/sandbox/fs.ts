// Runs inside the sandbox, in place of `node:fs` for the toolkit: writing does nothing, reading is refused.
const REFUSED = [
  'readFileSync',
  'readFile',
  'readdirSync',
  'statSync',
  'lstatSync',
  'openSync',
  'readSync',
  'createReadStream',
  'realpathSync',
] as const;

function refuse(name: string): () => never {
  return () => {
    throw Object.assign(new Error(`reading files (${name}) is not available while a configuration is rendered`), {
      name: 'RenderDenied',
    });
  };
}

export const mkdirSync = (): undefined => undefined;
export const writeFileSync = (): undefined => undefined;
export const mkdtempSync = (prefix: string): string => `${prefix}000000`;
export const existsSync = (): boolean => false;
export const rmSync = (): undefined => undefined;
export const [readFileSync, readFile, readdirSync, statSync, lstatSync, openSync, readSync, createReadStream, realpathSync] =
  REFUSED.map(refuse);
export const promises = {};
