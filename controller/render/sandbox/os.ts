// Runs inside the sandbox, in place of `node:os`: the same on every machine.
export const EOL = '\n';
export const tmpdir = (): string => '/tmp';
export const platform = (): string => 'linux';
export const homedir = (): string => '/';
