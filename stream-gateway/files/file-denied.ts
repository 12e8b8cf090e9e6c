// A file that a policy stops: the answer to the person, and the event about it.
import type { FileDirection, FileRefusal } from '../dlp/files/file-verdict.ts';
import { AuditedRefusal } from '../http/audited-refusal.ts';
import type { StreamPolicy } from '../stream/stream-policy.ts';

/** What is known of a file; more becomes known on the way. */
export interface FileFacts {
  readonly direction: FileDirection;
  /** Its path in the home, or the name of the folder that was asked for with the path in it. */
  readonly name: string;
  readonly bytes?: number;
  readonly sha256?: string;
  /** By content. */
  readonly type?: string;
}

/** Of the name of one directory entry and a path in it; a status column has room for so much. */
const MAX_NAME_CHARACTERS = 512;

export function detailsOf({ name, ...facts }: FileFacts): Readonly<Record<string, string | number>> {
  return { ...facts, name: name.slice(0, MAX_NAME_CHARACTERS) };
}

/** @param retryAfterMs for `FileRateReached` */
export function fileDenied(refusal: FileRefusal, facts: FileFacts, policy: StreamPolicy, retryAfterMs?: number): AuditedRefusal {
  const by = refusal.policy ?? (refusal.rule === 'type' ? null : policy.policyOf(`files.${refusal.rule}`));
  const message = by === null ? refusal.message : `${refusal.message}: policy ${by}`;
  return new AuditedRefusal(refusal.code, message, {
    audited: { type: 'files.denied', details: { ...detailsOf(facts), rule: refusal.rule, policy: by, policyHash: policy.hash } },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** @throws AuditedRefusal when there is a refusal */
export function passOrDeny(refusal: FileRefusal | undefined, facts: FileFacts, policy: StreamPolicy): void {
  if (refusal !== undefined) throw fileDenied(refusal, facts, policy);
}
