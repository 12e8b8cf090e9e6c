// One signed object against a keyring.
import type { Keyring } from './keyring.ts';
import { verifyPgp } from './pgp.ts';
import type { SignedObject } from './signed-object.ts';
import { verifySsh } from './ssh-signature.ts';
import { bad, type JudgedAt, type Verdict } from './verdict.ts';

export async function verifySignature({ payload, signature }: SignedObject, keyring: Keyring, at: JudgedAt): Promise<Verdict> {
  if (signature === undefined) return bad('SignatureMissing', 'it is not signed');
  if (signature.startsWith('-----BEGIN SSH SIGNATURE-----')) return verifySsh(payload, signature, keyring.ssh, at);
  if (signature.startsWith('-----BEGIN PGP SIGNATURE-----')) return await verifyPgp(payload, signature, keyring.pgp, at);
  return bad('SignatureInvalid', 'its signature is neither SSH nor PGP; X.509 is not supported');
}
