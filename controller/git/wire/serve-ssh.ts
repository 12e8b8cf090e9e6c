// For tests: a real ssh server on loopback whose only command is `git-upload-pack`, run by git itself.
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** A line of known_hosts for it. */
  readonly knownHosts: string;
  /** Commands as they came. */
  readonly commands: string[];
  /** Variables that were asked for, such as `GIT_PROTOCOL=version=2`. */
  readonly variables: string[];
}

export interface SshServerOptions {
  /** In OpenSSH's form: whoever has its other half may read. */
  readonly authorizedKey: string;
  /** Whether `GIT_PROTOCOL` is passed on; many servers do not. */
  readonly acceptsVariables: boolean;
  readonly hostKeyType?: 'ed25519' | 'ecdsa';
}

/** Of ed25519. One in 200 that ssh2 makes it cannot read again (it takes some public keys for DER). */
export function sshKeyPair(sealed?: SealedKey): { readonly public: string; readonly private: string } {
  for (;;) {
    const pair =
      sealed === undefined ? ssh2.utils.generateKeyPairSync('ed25519') : ssh2.utils.generateKeyPairSync('ed25519', sealed);
    if (!(ssh2.utils.parseKey(pair.public) instanceof Error)) return pair;
  }
}

export interface SealedKey {
  readonly passphrase: string;
  readonly cipher: string;
  readonly rounds: number;
}

export async function serveSsh(options: SshServerOptions): Promise<SshServer> {
  const host = options.hostKeyType === 'ecdsa' ? ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }) : sshKeyPair();
  const authorized = ssh2.utils.parseKey(options.authorizedKey);
  if (authorized instanceof Error) throw authorized;
  const commands: string[] = [];
  const variables: string[] = [];
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    client.on('error', () => undefined); // whoever goes away in the middle
    client.on('authentication', (context) => {
      if (context.method !== 'publickey' || !context.key.data.equals(authorized.getPublicSSH()))
        return context.reject(['publickey']);
      if (context.signature === undefined || context.blob === undefined) return context.accept();
      return authorized.verify(context.blob, context.signature, context.hashAlgo) === true ? context.accept() : context.reject();
    });
    client.on('session', (accept) => {
      const session = accept();
      const given: Record<string, string> = {};
      session.on('env', (acceptVariable, reject, { key, val }) => {
        variables.push(`${key}=${val}`);
        if (!options.acceptsVariables) return reject?.();
        given[key] = val;
        return acceptVariable?.();
      });
      session.on('exec', (acceptCommand, _reject, { command }) => {
        commands.push(command);
        const channel = acceptCommand();
        const [, path = ''] = /^git-upload-pack '(.*)'$/.exec(command) ?? [];
        const child = spawn('git', ['upload-pack', path.replaceAll(`'\\''`, `'`)], {
          env: { PATH: process.env['PATH'], ...given },
        });
        channel.pipe(child.stdin);
        child.stdin.on('error', () => undefined);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.on('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    commands,
    variables,
    knownHosts: `[127.0.0.1]:${port} ${host.public}\n`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
