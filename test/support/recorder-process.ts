// Records a desktop in a process of its own, in the recorder's thread, until it is killed: `recorder-process.ts FOLDER PORT PASSWORD`.
// Prints a line for each news.
import { dirname } from 'node:path';
import { RecorderThread } from '../../stream-gateway/recording/recorder/recorder-thread.ts';
import { RULES } from './recording.ts';

const [folder = '', port = '', password = ''] = process.argv.slice(2);
const say = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
new RecorderThread().start(
  'recording',
  {
    ...{ folder, spoolRoot: dirname(folder), maxSpoolBytes: 1e9, rules: RULES },
    endpoint: { host: '127.0.0.1', port: Number(port), password },
  },
  { news: say, lost: ({ code, message }) => say({ type: 'lost', code, message }) },
);
setInterval(() => undefined, 1_000); // the thread alone does not keep a process alive
