// VNC Authentication (RFC 6143, 7.2.2): the challenge encrypted with DES under the password. Weak: what protects a
// stream is the ticket, the network policy, and TLS around this where the desktop speaks it (vencrypt.ts).
import { createCipheriv } from 'node:crypto';

/** DES in ECB mode. VNC writes the bits of each key byte in reverse, in the wire form and in password files alike. */
export function encryptDes(key: Buffer, blocks: Buffer): Buffer {
  const reversed = Buffer.from(key.map(reverseBits));
  // Three times the same key makes triple DES the single one, which OpenSSL 3 no longer has.
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([reversed, reversed, reversed]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** @param challenge 16 bytes @returns the 16 bytes of the answer. Only the first 8 bytes of a password count. */
export function answerChallenge(challenge: Buffer, password: string): Buffer {
  return encryptDes(passwordKey(password), challenge);
}

/** The first 8 bytes, filled up with zeros. */
export function passwordKey(password: string): Buffer {
  const key = Buffer.alloc(8);
  Buffer.from(password, 'utf8').copy(key);
  return key;
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit += 1) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
}
