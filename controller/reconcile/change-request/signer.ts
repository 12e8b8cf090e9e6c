// What the commits of a change request are signed with. A key that is wanted and cannot be used stops them: none is made unsigned.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSigner, sshSigner } from '../../git/sign/ssh-signer.ts';
import { SshFormatError } from '../../git/verify/ssh-wire.ts';
import { verifySignature } from '../../git/verify/verify.ts';
import { keysOf } from '../git-sync/trust.ts';
import type { ChangeTarget } from './ports.ts';

/** @returns undefined: they are not signed @throws ChangesNotConfigured, SigningKeyInvalid, SignatureKeysInvalid */
export async function signerOf(
  client: Pick<KubeClient, 'find'>,
  { owner, spec, changes }: Pick<ChangeTarget, 'owner' | 'spec' | 'changes'>,
  now: Date,
  signal: AbortSignal,
): Promise<CommitSigner | undefined> {
  const verify = spec.verify?.mode === 'None' ? undefined : spec.verify;
  if (changes.signingKeyRef === undefined) {
    if (verify === undefined) return undefined;
    throw new StreamSpaceError(
      'ChangesNotConfigured',
      `the GitSync ${owner.namespace}/${owner.name} asks for signatures (spec.verify), and has no spec.changes.signingKeyRef to sign with`,
    );
  }
  const { name } = changes.signingKeyRef;
  const signer = await readSigner(client, owner.namespace, name, signal);
  // What a forge merges is signed by it, or by nobody: then the sync says what it thinks of it.
  if (verify !== undefined && changes.forge === undefined) {
    const payload = Buffer.from('a commit');
    const keyring = await keysOf(client, owner.namespace, verify.keysRef, signal);
    const at = { nowMs: now.getTime(), validityMs: now.getTime() };
    const verdict = await verifySignature({ payload, signature: signer.sign(payload) }, keyring, at);
    if (!verdict.good) refuse(`the sync would refuse what the Secret ${name} signs: ${verdict.reason}`);
  }
  return signer;
}

async function readSigner(
  client: Pick<KubeClient, 'find'>,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<CommitSigner> {
  const secret = await client.find<KubeObjectJson & { readonly data?: Readonly<Record<string, string>> }>(
    RESOURCES.secrets,
    namespace,
    name,
    { signal },
  );
  if (secret === undefined) return refuse(`there is no Secret ${name} in namespace ${namespace}`);
  const read = (key: string): string | undefined => {
    const value = secret.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
  };
  const privateKey = read('ssh-privatekey');
  if (privateKey === undefined) return refuse(`the Secret ${name} has no ssh-privatekey`);
  try {
    return sshSigner(privateKey, read('passphrase')?.replace(/\r?\n$/, ''));
  } catch (error) {
    if (error instanceof SshFormatError) return refuse(`ssh-privatekey of the Secret ${name}: ${error.message}`);
    throw error;
  }
}

function refuse(message: string): never {
  throw new StreamSpaceError('SigningKeyInvalid', message);
}
