// The fields of a GitSync about signatures.
import * as z from 'zod';
import { dnsLabel, time } from '../kind.ts';

export const gitSyncVerify = z.object({
  mode: z
    .enum(['None', 'Head', 'EveryCommit'])
    .default('Head')
    .describe(
      '`Head`: the commit that is synced, or the annotated tag where one is followed. `EveryCommit`: also every commit since the last synced one, through all parents; at the first sync the head alone.',
    ),
  keysRef: z
    .object({
      kind: z.enum(['Secret', 'ConfigMap']).default('Secret').describe('What holds the keys.'),
      name: dnsLabel.describe('Its name, in the same namespace.'),
    })
    .describe(
      'Public keys: `*.asc` (armoured PGP keys and revocations), `allowed_signers` (as OpenSSH writes it), `revoked_keys` (SSH public keys, one a line).',
    ),
});

export const gitSyncVerified = z.object({
  revision: z
    .string()
    .regex(/^[0-9a-f]{40}$/, 'write a full commit id of 40 hexadecimal digits')
    .describe('The commit.'),
  signer: z.string().max(1024).describe('Whose key it was: a user id of the PGP key, or the principals of the SSH key.'),
  keyId: z.string().max(128).describe('Fingerprint of the key.'),
  time: time.describe('When it was verified; the validity of its keys is judged at this time.'),
});

export type GitSyncVerified = z.infer<typeof gitSyncVerified>;
