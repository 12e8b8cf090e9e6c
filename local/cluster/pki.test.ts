import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { authorityPaths, ensurePki, type LeafSpec, leafPaths, serviceAccountKeyPaths } from './pki.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const SERVER: LeafSpec = {
  name: 'apiserver',
  authority: 'cluster',
  commonName: 'kube-apiserver',
  dnsNames: ['localhost'],
  addresses: ['127.0.0.1'],
};
const ADMIN: LeafSpec = { name: 'admin', authority: 'cluster', commonName: 'streamspace-admin', organization: 'system:masters' };
const ETCD: LeafSpec = { name: 'etcd', authority: 'etcd', commonName: 'etcd' };

async function freshFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'streamspace-pki-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const certificate = async (path: string): Promise<X509Certificate> => new X509Certificate(await readFile(path));

test('leaves are signed by their own authority and by no other', async () => {
  await using folder = await freshFolder();
  await ensurePki(folder.path, [SERVER, ADMIN, ETCD], NOW);
  const cluster = await certificate(authorityPaths(folder.path, 'cluster').certificate);
  const etcdAuthority = await certificate(authorityPaths(folder.path, 'etcd').certificate);
  const server = await certificate(leafPaths(folder.path, 'apiserver').certificate);
  const etcd = await certificate(leafPaths(folder.path, 'etcd').certificate);
  expect(server.verify(cluster.publicKey)).toBe(true);
  expect(etcd.verify(etcdAuthority.publicKey)).toBe(true);
  expect(etcd.verify(cluster.publicKey)).toBe(false);
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.checkHost('localhost')).toBe('localhost');
  expect((await certificate(leafPaths(folder.path, 'admin').certificate)).subject).toBe('O=system:masters\nCN=streamspace-admin');
});

test('every key fits its certificate, and no file can be read by others', async () => {
  await using folder = await freshFolder();
  await ensurePki(folder.path, [SERVER], NOW);
  const paths = leafPaths(folder.path, 'apiserver');
  expect((await certificate(paths.certificate)).checkPrivateKey(createPrivateKey(await readFile(paths.key)))).toBe(true);
  const accounts = serviceAccountKeyPaths(folder.path);
  const own = createPublicKey(await readFile(accounts.key)).export({ type: 'spki', format: 'der' });
  expect(
    createPublicKey(await readFile(accounts.publicKey))
      .export({ type: 'spki', format: 'der' })
      .equals(own),
  ).toBe(true);
  for (const file of await readdir(folder.path)) expect((await stat(join(folder.path, file))).mode & 0o077).toBe(0);
});

test('a second time nothing is made; another address makes that leaf anew and no other', async () => {
  await using folder = await freshFolder();
  const read = async (): Promise<readonly string[]> =>
    Promise.all(['apiserver', 'admin'].map((name) => readFile(leafPaths(folder.path, name).certificate, 'utf8')));
  await ensurePki(folder.path, [SERVER, ADMIN], NOW);
  const first = await read();
  await ensurePki(folder.path, [SERVER, ADMIN], NOW);
  expect(await read()).toEqual(first);
  await ensurePki(folder.path, [{ ...SERVER, addresses: ['10.244.0.1'] }, ADMIN], NOW);
  const [server, admin] = await read();
  expect(server).not.toBe(first[0]);
  expect(admin).toBe(first[1]);
});

test('a lost key is made again with its certificate', async () => {
  await using folder = await freshFolder();
  await ensurePki(folder.path, [SERVER], NOW);
  await rm(leafPaths(folder.path, 'apiserver').key);
  await ensurePki(folder.path, [SERVER], NOW);
  const paths = leafPaths(folder.path, 'apiserver');
  expect((await certificate(paths.certificate)).checkPrivateKey(createPrivateKey(await readFile(paths.key)))).toBe(true);
});
