// The cluster's own certificates: three authorities (clients of etcd must not be clients of the API server, nor the other way
// round; who may speak for others through the aggregation layer is a third matter), a leaf for each process, and the key that signs service account tokens. Made once; a leaf is made again when its
// subject or addresses change. Private keys are readable by the owner alone.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { readFileIfThere, writeFileAtomically } from '../state/files.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEARS = 10;
const EXTENDED_KEY_USAGE = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

const AUTHORITIES = ['cluster', 'etcd', 'front-proxy'] as const;
export type Authority = (typeof AUTHORITIES)[number];

export interface LeafSpec {
  readonly name: string;
  readonly authority: Authority;
  readonly commonName: string;
  /** Kubernetes reads it as the group. */
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

export interface KeyPairPaths {
  readonly certificate: string;
  readonly key: string;
}

export function authorityPaths(folder: string, authority: Authority): KeyPairPaths {
  return { certificate: join(folder, `${authority}-ca.crt`), key: join(folder, `${authority}-ca.key`) };
}

export function leafPaths(folder: string, name: string): KeyPairPaths {
  return { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

export function serviceAccountKeyPaths(folder: string): { readonly key: string; readonly publicKey: string } {
  return { key: join(folder, 'service-account.key'), publicKey: join(folder, 'service-account.pub') };
}

/** Makes what is missing below `folder`. Safe to repeat; a folder that is cut off half-way is completed. */
export async function ensurePki(folder: string, leaves: readonly LeafSpec[], now: Date): Promise<void> {
  x509.cryptoProvider.set(webcrypto);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await ensureServiceAccountKey(folder);
  for (const authority of AUTHORITIES) {
    const issuer = await ensureAuthority(folder, authority, now);
    const own = leaves.filter((leaf) => leaf.authority === authority);
    await Promise.all(own.map((leaf) => ensureLeaf(folder, leaf, issuer, now)));
  }
}

interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
  readonly pem: string;
}

async function ensureServiceAccountKey(folder: string): Promise<void> {
  const paths = serviceAccountKeyPaths(folder);
  if ((await readFileIfThere(paths.key)) !== undefined && (await readFileIfThere(paths.publicKey)) !== undefined) return;
  const pair = await newKeyPair();
  const publicKey = await webcrypto.subtle.exportKey('spki', pair.publicKey);
  await writeFileAtomically(paths.publicKey, x509.PemConverter.encode(publicKey, x509.PemConverter.PublicKeyTag));
  await writeFileAtomically(paths.key, await privateKeyPem(pair));
}

async function ensureAuthority(folder: string, authority: Authority, now: Date): Promise<Issuer> {
  const paths = authorityPaths(folder, authority);
  const pem = await readFileIfThere(paths.certificate);
  const keyPem = await readFileIfThere(paths.key);
  if (pem !== undefined && keyPem !== undefined) {
    const [der] = x509.PemConverter.decode(keyPem);
    if (der === undefined) throw new TypeError(`${paths.key} holds no key`);
    const key = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
    return { certificate: new x509.X509Certificate(pem), key, pem };
  }
  const keys = await newKeyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [`streamspace-local-${authority}-ca`] }],
    ...validity(now),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // The key first: a certificate without its key would be trusted by what is issued later, and nobody could issue it.
  await writeFileAtomically(paths.key, await privateKeyPem(keys));
  await writeFileAtomically(paths.certificate, certificate.toString('pem'));
  return { certificate, key: keys.privateKey, pem: certificate.toString('pem') };
}

/** What a leaf was made from, so that a change of subject, addresses or authority makes a new one. */
const fingerprint = (leaf: LeafSpec, issuer: Issuer): string => JSON.stringify([leaf, issuer.certificate.serialNumber]);

async function ensureLeaf(folder: string, leaf: LeafSpec, issuer: Issuer, now: Date): Promise<void> {
  const paths = leafPaths(folder, leaf.name);
  const madeFrom = `${paths.certificate}.spec`;
  const complete =
    (await readFileIfThere(paths.key)) !== undefined &&
    (await readFileIfThere(paths.certificate)) !== undefined &&
    (await readFileIfThere(madeFrom)) === fingerprint(leaf, issuer);
  if (complete) return;
  const keys = await newKeyPair();
  const names: x509.JsonGeneralName[] = [
    ...(leaf.dnsNames ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(leaf.addresses ?? []).map((value) => ({ type: 'ip', value }) as const),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...(leaf.organization === undefined ? [] : [{ O: [leaf.organization] }]), { CN: [leaf.commonName] }],
    issuer: issuer.certificate.subjectName,
    ...validity(now),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(Object.values(EXTENDED_KEY_USAGE)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  await writeFileAtomically(paths.key, await privateKeyPem(keys));
  await writeFileAtomically(paths.certificate, certificate.toString('pem'));
  await writeFileAtomically(madeFrom, fingerprint(leaf, issuer));
}

function validity(now: Date): { readonly notBefore: Date; readonly notAfter: Date } {
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  // An hour back: clocks of virtual machines jump when they wake.
  return { notBefore: new Date(now.getTime() - 3_600_000), notAfter };
}

async function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), x509.PemConverter.PrivateKeyTag);
}

/** Positive and of 16 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}
