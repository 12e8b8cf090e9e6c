// A machine outside of the cluster: a network namespace beside that of the pods, with a public address (RFC 5737) that desktops reach
// by being forwarded, as they reach the internet. It answers "outside" on TCP 80 and 81, and what it gets on UDP 53.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { must } from './command.ts';

export const OUTSIDE = '198.51.100.6';
const NEXT_TO_IT = '198.51.100.5';
const NAME = 'ss-outside';
const ip = (...args: readonly string[]): Promise<string> => must('ip', args);

const SERVER = `
const { createServer } = require('node:net');
const { createSocket } = require('node:dgram');
for (const port of [80, 81]) createServer((socket) => socket.on('error', () => {}).end('outside\\n')).listen(port);
const names = createSocket('udp4');
names.on('message', (message, { port, address }) => names.send(message, port, address));
names.bind(53, () => process.stdout.write('ready'));
`;

export async function startOutside(): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  await ip('netns', 'delete', NAME).catch(() => undefined);
  await ip('netns', 'add', NAME);
  stack.defer(async () => {
    await ip('netns', 'delete', NAME);
  });
  await ip('link', 'add', NAME, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', NAME);
  await ip('address', 'add', `${NEXT_TO_IT}/30`, 'dev', NAME);
  await ip('link', 'set', NAME, 'up');
  await ip('-n', NAME, 'address', 'add', `${OUTSIDE}/30`, 'dev', 'eth0');
  await ip('-n', NAME, 'link', 'set', 'eth0', 'up');
  await ip('-n', NAME, 'route', 'add', 'default', 'via', NEXT_TO_IT);
  const server = spawn('ip', ['netns', 'exec', NAME, process.execPath, '-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  stack.defer(async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  await once(server.stdout, 'data');
  const started = stack.move();
  return { [Symbol.asyncDispose]: () => started.disposeAsync() };
}
