// A real directory (Debian's slapd) with TLS of its own: people with passwords, groups, and an account that searches.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Attribute, Change, Client } from 'ldapts';
import { eventually } from './wait.ts';

const run = promisify(execFile);
const SUFFIX = 'dc=company,dc=example';
const CLOSED = 'dc=closed,dc=example';
export const DIRECTORY_PASSWORD = 'of-the-account-that-searches';

export interface Slapd extends AsyncDisposable {
  readonly url: string;
  readonly startTlsUrl: string;
  readonly certificateAuthority: string;
  readonly bindDN: string;
  readonly userBase: string;
  readonly groupBase: string;
  /** Below which `zoe` is, who may not bind. */
  readonly closedBase: string;
  /** With a password; `group` is made of its members. */
  addPerson(uid: string, password: string): Promise<void>;
  setGroup(cn: string, members: readonly string[]): Promise<void>;
  remove(rdn: string, base: string): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function settings(folder: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`);
  return [
    ...schemas,
    `pidfile ${folder}/slapd.pid`,
    ...['modulepath /usr/lib/ldap', 'moduleload back_mdb'],
    ...[`TLSCertificateFile ${folder}/tls.crt`, `TLSCertificateKeyFile ${folder}/tls.key`],
    ...['database mdb', `suffix "${SUFFIX}"`, `rootdn "cn=admin,${SUFFIX}"`, `rootpw ${DIRECTORY_PASSWORD}`],
    `directory ${folder}/data`,
    'access to attrs=userPassword by anonymous auth by * none',
    'access to * by dn.base="cn=admin,dc=company,dc=example" write by * none',
    // Who is in there is found, and may not bind: the directory is unwilling (RFC 4511, 4.1.9), whatever the password is.
    ...['database mdb', `suffix "${CLOSED}"`, `rootdn "cn=admin,${SUFFIX}"`, `directory ${folder}/closed`, 'restrict bind'],
    '',
  ].join('\n');
}

export async function startSlapd(): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-slapd-'));
  await mkdir(join(folder, 'data'));
  await mkdir(join(folder, 'closed'));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', ['req', '-x509', ...key, '-days', '2', ...subject, ...files]);
  await writeFile(join(folder, 'slapd.conf'), settings(folder));
  await chmod(join(folder, 'tls.key'), 0o600);
  const [tlsPort, port] = [await freePort(), await freePort()];
  const urls = `ldaps://127.0.0.1:${tlsPort}/ ldap://127.0.0.1:${port}/`;
  const child = spawn('/usr/sbin/slapd', ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', urls], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const certificateAuthority = await readFile(join(folder, 'tls.crt'), 'utf8');
  const url = `ldaps://localhost:${tlsPort}`;
  const admin = async (work: (client: Client) => Promise<void>): Promise<void> => {
    const client = new Client({ url, tlsOptions: { ca: certificateAuthority }, connectTimeout: 5_000, timeout: 5_000 });
    try {
      await client.bind(`cn=admin,${SUFFIX}`, DIRECTORY_PASSWORD);
      await work(client);
    } finally {
      await client.unbind();
    }
  };
  await eventually('slapd answers', () =>
    admin(async () => undefined).then(
      () => true,
      () => false,
    ),
  );
  const [userBase, groupBase] = [`ou=people,${SUFFIX}`, `ou=groups,${SUFFIX}`];
  await admin(async (client) => {
    await client.add(SUFFIX, { objectClass: ['dcObject', 'organization'], o: 'Company', dc: 'company' });
    await client.add(CLOSED, { objectClass: ['dcObject', 'organization'], o: 'Closed', dc: 'closed' });
    const zoe = { uid: 'zoe', cn: 'Zoe', sn: 'Zoe', userPassword: 'right one' };
    await client.add(`uid=zoe,${CLOSED}`, { objectClass: 'inetOrgPerson', ...zoe });
    for (const ou of ['people', 'groups']) await client.add(`ou=${ou},${SUFFIX}`, { objectClass: 'organizationalUnit', ou });
  });
  return {
    ...{ url, startTlsUrl: `ldap://localhost:${port}`, certificateAuthority, bindDN: `cn=admin,${SUFFIX}` },
    ...{ userBase, groupBase, closedBase: CLOSED },
    addPerson: async (uid, password) =>
      await admin(async (client) => {
        const names = { uid, cn: `${uid} of the company`, sn: uid, mail: `${uid}@company.example` };
        await client.add(`uid=${uid},${userBase}`, { objectClass: 'inetOrgPerson', ...names, userPassword: password });
      }),
    setGroup: async (cn, members) =>
      await admin(async (client) => {
        const dn = `cn=${cn},${groupBase}`;
        const member = members.map((uid) => `uid=${uid},${userBase}`);
        const modification = new Attribute({ type: 'member', values: member });
        await client
          .modify(dn, [new Change({ operation: 'replace', modification })])
          .catch(async () => await client.add(dn, { objectClass: 'groupOfNames', cn, member }));
      }),
    remove: async (rdn, base) => await admin(async (client) => await client.del(`${rdn},${base}`)),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
