// A real Xvnc for a test, with a terminal in it, on ports of its own. Ends with `await using`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { encryptDes, passwordKey } from '../../stream-gateway/rfb/vnc-auth.ts';
import { testCertificate } from './fake-vencrypt.ts';

export interface XvncOptions {
  readonly geometry?: string;
  /** Default `secret12`. */
  readonly password?: string;
  /** What runs in it; default a terminal that fills the screen. */
  readonly program?: readonly [string, ...string[]];
  /** Default VncAuth alone. */
  readonly securityTypes?: string;
  /** More options of Xvnc. */
  readonly args?: readonly string[];
}

export interface Xvnc extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** What it shows where a security type wants one, as PEM. */
  readonly certificate: string;
  /** `:N`, for X programs on the same machine. */
  readonly display: string;
  readonly process: ChildProcess;
  kill(): Promise<void>;
}

/** The key that vncpasswd obfuscates password files with: the same in every VNC. */
const FILE_KEY = Buffer.from([23, 82, 107, 6, 35, 78, 88, 7]);
const TERMINAL = ['xterm', '-geometry', '200x100+0+0', '-bg', 'white', '-fg', 'black', '-e', '/bin/sh'] as const;

export async function startXvnc(options: XvncOptions = {}): Promise<Xvnc> {
  const password = options.password ?? 'secret12';
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-xvnc-'));
  const passwordFile = join(folder, 'passwd');
  await writeFile(passwordFile, encryptDes(FILE_KEY, passwordKey(password)), { mode: 0o600 });
  const [certificateFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const { certificate, key } = await testCertificate();
  await writeFile(certificateFile, certificate);
  await writeFile(keyFile, key, { mode: 0o600 });
  const port = await freePort();
  const xvnc = spawn(
    'Xvnc',
    [
      ...['-displayfd', '3', '-geometry', options.geometry ?? '640x480', '-depth', '24', '-localhost'],
      ...['-rfbport', String(port), '-PasswordFile', passwordFile, '-AlwaysShared'],
      ...['-SecurityTypes', options.securityTypes ?? 'VncAuth', '-X509Cert', certificateFile, '-X509Key', keyFile],
      ...(options.args ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const numbers = xvnc.stdio[3];
  if (numbers === null || numbers === undefined || !('read' in numbers)) throw new Error('no pipe to Xvnc');
  const [line] = (await Promise.race([
    once(numbers, 'data'),
    once(xvnc, 'exit').then(() => {
      throw new Error('Xvnc ended at its start');
    }),
  ])) as [Buffer];
  const display = `:${line.toString().trim()}`;
  const [command, ...args] = options.program ?? TERMINAL;
  const program = spawn(command, args, { env: { PATH: '/usr/bin:/bin', DISPLAY: display, HOME: folder }, stdio: 'ignore' });
  await untilListening(port);
  const end = async (): Promise<void> => {
    for (const child of [program, xvnc]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  };
  return {
    host: '127.0.0.1',
    port,
    password,
    certificate,
    display,
    process: xvnc,
    kill: end,
    async [Symbol.asyncDispose]() {
      await end();
      await rm(folder, { recursive: true, force: true });
      // A killed server leaves its lock and its socket behind.
      await rm(`/tmp/.X${display.slice(1)}-lock`, { force: true });
      await rm(`/tmp/.X11-unix/X${display.slice(1)}`, { force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]);
    socket.destroy();
    if (open) return;
    await wait(25);
  }
  throw new Error(`nothing listens on port ${port}`);
}
