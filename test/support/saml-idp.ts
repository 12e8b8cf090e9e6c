// A real SAML identity provider (pysaml2 of Debian), independent of the library that the gateway reads its answers with.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from './wait.ts';

const run = promisify(execFile);

export interface SamlPerson {
  readonly nameId: string;
  /** URN. */
  readonly format?: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** What its answers are like; left out: as they should be. */
export interface SamlSays {
  readonly audience?: string;
  readonly destination?: string;
  readonly inResponseTo?: string;
  /** How long an assertion is good. */
  readonly minutes?: number;
  readonly signAssertion?: boolean;
  readonly signResponse?: boolean;
  readonly signAlgorithm?: string;
  readonly digestAlgorithm?: string;
  /** Paths. */
  readonly key?: string;
  readonly certificate?: string;
  /** Seconds from now. */
  readonly sessionEnds?: number;
  readonly ignoresForce?: boolean;
}

export interface SamlIdp extends AsyncDisposable {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly sloUrl: string;
  /** PEM. */
  readonly certificate: string;
  /** The services that it answers, by their metadata (XML). */
  trust(...metadata: readonly string[]): Promise<void>;
  /** Signs people in as this one, whom it has asked for his password `ago` seconds before. */
  is(person: SamlPerson, ago?: number): Promise<void>;
  says(says: SamlSays): Promise<void>;
  /** XML. */
  metadata(): Promise<string>;
  /** Requests and logouts that it has got, in order. */
  seen(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Another pair of key and certificate. */
  otherKey(days?: number): Promise<{ readonly key: string; readonly certificate: string; readonly pem: string }>;
  logout(order: {
    readonly nameId: string;
    readonly sessions?: readonly string[];
    readonly binding: 'redirect' | 'post';
    readonly destination: string;
    readonly serviceProvider: string;
    readonly signed?: boolean;
  }): Promise<{ readonly url?: string; readonly html?: string }>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function makePair(folder: string, name: string, days: number) {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const subject = ['-subj', '/CN=identity provider', '-days', String(days)];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key, '-out', certificate]);
  return { key, certificate, pem: await readFile(certificate, 'utf8') };
}

export async function startSamlIdp(name = 'idp'): Promise<SamlIdp> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-saml-'));
  const pair = await makePair(folder, 'own', 30);
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const entityId = `https://${name}.example/saml`;
  const config = join(folder, 'idp.json');
  await writeFile(config, JSON.stringify({ ...pair, port, entityId, metadata: [] }));
  const script = fileURLToPath(new URL('./saml-idp.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [script, config], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  await eventually('the SAML provider is ready', async () => out.includes('ready'));
  const tell = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${base}/test/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the SAML provider: ${await answer.text()}`);
    return await answer.json();
  };
  return {
    ...{ entityId, ssoUrl: `${base}/sso`, sloUrl: `${base}/slo`, certificate: pair.pem },
    trust: async (...metadata) => {
      const paths = metadata.map(() => join(folder, `service-${randomUUID()}.xml`));
      for (const [index, path] of paths.entries()) await writeFile(path, metadata[index] ?? '');
      await tell('services', { paths });
    },
    is: async (person, ago) =>
      void (await tell('state', { person, signedInAt: ago === undefined ? null : Date.now() / 1000 - ago })),
    says: async (says) => void (await tell('state', { says })),
    metadata: async () => await (await fetch(`${base}/metadata`)).text(),
    seen: async () => (await tell('seen', {})) as readonly Readonly<Record<string, unknown>>[],
    otherKey: async (days = 30) => await makePair(folder, `other-${randomUUID()}`, days),
    logout: async (order) => (await tell('logout', order)) as { url?: string; html?: string },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The fields of the form that a page of a provider sends by itself. */
export function formIn(html: string): { readonly action: string; readonly fields: Readonly<Record<string, string>> } {
  const plain = (text: string): string =>
    text
      .replaceAll('&quot;', '"')
      .replaceAll('&#x27;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  const action = /<form[^>]* action="([^"]*)"/.exec(html)?.[1];
  if (action === undefined) throw new Error(`no form: ${html.slice(0, 500)}`);
  const inputs = [...html.matchAll(/<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"/g)];
  return { action: plain(action), fields: Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, plain(value)])) };
}
