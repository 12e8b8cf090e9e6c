// Why a SAML message is refused. The reason is one of these words, in the audit log (`why`) and in the guide; who sent it is told less.
import { type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';

export type SamlReason =
  /** Not the form, base64, XML or elements that it should be, or too large. */
  | 'malformed'
  /** Nobody asked: there is no sign-in under way that it could be the answer to. */
  | 'unsolicited'
  /** The answer to another request. */
  | 'other-request'
  /** The same one has been used. */
  | 'replayed'
  /** What has to be signed is not. */
  | 'unsigned'
  /** Signed with another key, or changed since. */
  | 'signature'
  /** SHA-1, or a transformation that is not one of two. */
  | 'algorithm'
  /** More assertions, signatures or ids than one, or at other places: signature wrapping. */
  | 'structure'
  /** Said by another provider. */
  | 'issuer'
  /** For another service. */
  | 'audience'
  /** For another address. */
  | 'destination'
  /** Not good any more, or not yet. */
  | 'time'
  /** The provider says that it did not sign anybody in. */
  | 'status'
  /** It is encrypted; we have given the provider no key for that. */
  | 'encrypted'
  /** It names nobody, or by a name that is another one the next time. */
  | 'subject';

export function samlRefusal(
  why: SamlReason,
  message: string,
  { code = 'SamlResponseInvalid', cause }: { readonly code?: ErrorCode; readonly cause?: unknown } = {},
): StreamSpaceError {
  return new StreamSpaceError(code, message, { facts: { why }, cause });
}

/** A refusal of an answer, as one of a logout request. */
export function asLogoutRefusal(error: unknown): unknown {
  if (!(error instanceof StreamSpaceError) || error.code !== 'SamlResponseInvalid') return error;
  return new StreamSpaceError('SamlLogoutInvalid', error.message, { facts: error.facts, cause: error.cause });
}
