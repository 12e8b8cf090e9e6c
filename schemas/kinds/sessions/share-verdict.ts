// Whether a share may let anybody in now. The controller tells it in the status, the gateway cuts by it: one rule for both. Pure.
import type { ErrorCode } from '../../errors.ts';
import { durationMs } from '../kind.ts';
import { type MergedSharing, OPEN_SHARING, type ShareAllow, type ShareMode, shareAllow } from '../policies/session-rules.ts';
import type { SessionShare, ShareSubject } from './session-share.ts';

export interface ShareRefusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a share asks of the policy. */
export interface ShareWish {
  readonly subjects?: readonly ShareSubject[] | undefined;
  readonly mode: ShareMode;
  readonly sharedBy: { readonly person: string; readonly admin: boolean };
}

/** Undefined: it may. @param policy left out: no SessionPolicy applies */
export function shareRefusal(
  { spec, metadata }: Pick<SessionShare, 'spec' | 'metadata'>,
  policy: MergedSharing = OPEN_SHARING,
  nowMs: number,
): ShareRefusal | undefined {
  if (spec.revoked) return { code: 'ShareRevoked', message: 'the share was revoked' };
  const endMs = shareEndMs(spec.expiresAt, Date.parse(metadata.creationTimestamp ?? ''), policy);
  if (nowMs >= endMs) return { code: 'ShareExpired', message: `the share ended at ${new Date(endMs).toISOString()}` };
  return wishRefusal(spec, policy);
}

/** Undefined: the policy allows such a share. */
export function wishRefusal(wish: ShareWish, policy: MergedSharing = OPEN_SHARING): ShareRefusal | undefined {
  const needed = allowNeeded(wish.subjects);
  if (shareAllow.options.indexOf(policy.allow) < shareAllow.options.indexOf(needed))
    return { code: 'SharingNotAllowed', message: `the policy allows ${WITHIN[policy.allow]}, and this is ${WISHED[needed]}` };
  if (policy.by === 'Admins' && !wish.sharedBy.admin)
    return { code: 'ShareAdminsOnly', message: `the policy lets admins share only, and ${wish.sharedBy.person} is none` };
  if (!policy.modes.includes(wish.mode))
    return {
      code: 'ShareModeNotAllowed',
      message: `the policy does not allow to share for ${wish.mode === 'View' ? 'viewing' : 'control'}`,
    };
  return undefined;
}

/** Milliseconds since 1970. A policy that came later can end a share earlier, never later. */
export function shareEndMs(expiresAt: string, createdMs: number, { maxTTL }: MergedSharing): number {
  const own = Date.parse(expiresAt);
  return maxTTL === undefined || Number.isNaN(createdMs) ? own : Math.min(own, createdMs + durationMs(maxTTL));
}

export function isUsedUp({ spec, status }: Pick<SessionShare, 'spec' | 'status'>): boolean {
  return spec.maxUses !== undefined && (status?.uses ?? 0) >= spec.maxUses;
}

const WITHIN: Readonly<Record<ShareAllow, string>> = {
  None: 'no sharing',
  People: 'sharing with named people',
  Team: 'sharing with people and teams',
  Link: 'every kind of sharing',
};
const WISHED: Readonly<Record<ShareAllow, string>> = {
  None: 'nothing',
  People: 'for people',
  Team: 'for a group or a team',
  Link: 'a link',
};

function allowNeeded(subjects: readonly ShareSubject[] | undefined): ShareAllow {
  if (subjects === undefined) return 'Link';
  return subjects.every(({ kind }) => kind === 'User') ? 'People' : 'Team';
}
