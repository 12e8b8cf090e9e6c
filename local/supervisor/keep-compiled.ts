// Loaded before each of our Node.js processes: writes what was compiled to NODE_COMPILE_CACHE once the process has settled.
// Node.js does so only at an orderly end, so a process that is always killed would compile everything anew at every start.
import { flushCompileCache } from 'node:module';

const SETTLED_AFTER_MS = 8_000;

setTimeout(flushCompileCache, SETTLED_AFTER_MS).unref();
