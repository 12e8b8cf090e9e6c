// Whom a GitSync trusts: the keys in the Secret or ConfigMap that `spec.verify.keysRef` names.
import type { Key } from 'openpgp';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { parseAllowedSigners, parseRevokedKeys, type SshKeys } from './allowed-signers.ts';
import { readPgpKeys } from './pgp.ts';

export interface Keyring {
  readonly pgp: readonly Key[];
  readonly ssh: SshKeys;
}

/**
 * @param data of the Secret or ConfigMap, as text: `*.asc`, `allowed_signers`, `revoked_keys`; other keys are left alone
 * @throws SignatureKeysInvalid with the key of the data, and the line
 */
export async function keyringOf(data: ReadonlyMap<string, string>): Promise<Keyring> {
  const armored = new Map([...data].filter(([name]) => name.endsWith('.asc')));
  const allowed = parseAllowedSigners(data.get('allowed_signers') ?? '');
  const revoked = parseRevokedKeys(data.get('revoked_keys') ?? '');
  const pgp = await readPgpKeys(armored);
  // Without any key every commit would be refused as unknown; that the keys are missing is the better news.
  if (pgp.length === 0 && allowed.length === 0)
    throw new StreamSpaceError('SignatureKeysInvalid', 'there is no key: give *.asc, or allowed_signers');
  return { pgp, ssh: { allowed, revoked } };
}
