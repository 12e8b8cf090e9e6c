// What is said of one signature. A union: whoever reads `signer` has looked at `good` first.
import type { ErrorCode } from '../../../schemas/errors.ts';

export type SignatureCode = Extract<
  ErrorCode,
  'SignatureMissing' | 'SignatureInvalid' | 'SignerUnknown' | 'SignerExpired' | 'SignerRevoked'
>;

export interface Signer {
  /** A user id of the PGP key, or the principals of the SSH key. */
  readonly signer: string;
  /** `SHA256:...` of an SSH key, the fingerprint of a PGP key in upper-case hexadecimal digits. */
  readonly keyId: string;
}

export type Verdict =
  | ({ readonly good: true } & Signer)
  | { readonly good: false; readonly code: SignatureCode; readonly reason: string };

export function bad(code: SignatureCode, reason: string): Verdict {
  return { good: false, code, reason };
}

/** When a signature is judged. The time that the signer wrote is never asked: whoever holds an old key writes what he likes. */
export interface JudgedAt {
  /** For what a key's validity ends and begins. */
  readonly validityMs: number;
  /** For revocations: always the present. */
  readonly nowMs: number;
}
