// Who is woken by a change, and what is known for the choice.
import type { AccessBinding } from '../../schemas/kinds/access/access-binding.ts';
import type { AccessRole } from '../../schemas/kinds/access/access-role.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { ObjectMeta } from '../../schemas/kinds/kind.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { SessionShare } from '../../schemas/kinds/sessions/session-share.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import type { TargetedPolicy } from '../policies/merging.ts';
import type { ObjectKey } from './contract.ts';

export interface Woken {
  /** `EffectivePolicy`: what all policies come to for one Session, which the key names. */
  readonly kind:
    | 'Team'
    | 'Session'
    | 'Template'
    | 'GitSync'
    | 'DlpPolicy'
    | 'RecordingPolicy'
    | 'SessionPolicy'
    | 'SignInPolicy'
    | 'NetworkProfile'
    | 'EffectivePolicy'
    | 'SessionLifetime'
    | 'SessionShare'
    | 'Quota'
    | 'AccessRole'
    | 'AccessBinding'
    | 'IdentityProvider';
  readonly key: ObjectKey;
  /** What it is told is no newer wish: a call that runs is not stopped for it. */
  readonly gently?: true;
}

/** What a SessionShare says of where it belongs. */
export interface OfSession {
  readonly metadata: Pick<SessionShare['metadata'], 'namespace' | 'name'>;
  readonly spec: Pick<SessionShare['spec'], 'sessionRef'>;
}

export interface KnownToAccess {
  readonly accessRoles?: Iterable<Pick<AccessRole, 'metadata'>>;
  readonly accessBindings?: Iterable<Pick<AccessBinding, 'metadata' | 'spec'>>;
}

/** What is known besides the object itself. */
export interface Known extends KnownToAccess {
  readonly sessions: Iterable<Session>;
  readonly teams: Iterable<Team>;
  readonly gitSyncs: Iterable<GitSync>;
  readonly dlpPolicies: Iterable<TargetedPolicy>;
  readonly recordingPolicies: Iterable<TargetedPolicy>;
  readonly sessionPolicies: Iterable<TargetedPolicy>;
  readonly networkProfiles?: Iterable<TargetedPolicy>;
  readonly signInPolicies?: Iterable<{ readonly metadata: ObjectMeta }>;
  readonly shares?: Iterable<OfSession>;
  readonly quotas?: Iterable<{ readonly metadata: ObjectMeta }>;
}
