// What gateway and desktop of one session share, made once: a password, and the certificate by which the gateway knows the
// desktop. Nobody else trusts it, and it is good for nothing else, so it needs no authority and no end.
import 'reflect-metadata';
import { randomInt, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** "No well-defined expiration date" (RFC 5280, 4.1.2.5): it goes with the session. */
const NEVER = new Date('9999-12-31T23:59:59Z');

/** The names in the Secret, which are the names of the files in the pod. Values in base64, as in a Secret. */
export interface DesktopSecret {
  readonly password: string;
  /** PEM */
  readonly 'tls.crt': string;
  /** PEM, PKCS #8 */
  readonly 'tls.key': string;
}

export async function newDesktopSecret(session: string, now: Date): Promise<DesktopSecret> {
  const { certificate, key } = await newCertificate(session, now);
  return { password: base64(newPassword()), 'tls.crt': base64(certificate), 'tls.key': base64(key) };
}

/** VNC looks at 8 characters; 62 to the power of 8 are 47 bits. */
function newPassword(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 8 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

async function newCertificate(session: string, now: Date): Promise<{ readonly certificate: string; readonly key: string }> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [session] }],
    // A day back: clocks of nodes differ.
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: NEVER,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    x509.PemConverter.PrivateKeyTag,
  );
  return { certificate: certificate.toString('pem'), key };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
