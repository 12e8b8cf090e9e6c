// Who is woken by a change, and what is known for the choice.
import type { GitSync } from '../../schemas/kinds/git-sync.ts';
import type { Session } from '../../schemas/kinds/session.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import type { TargetedPolicy } from '../policies/merging.ts';
import type { ObjectKey } from './contract.ts';

export interface Woken {
  /** `SessionPolicy`: the effective policy of a Session. */
  readonly kind: 'Team' | 'Session' | 'Template' | 'GitSync' | 'DlpPolicy' | 'RecordingPolicy' | 'SessionPolicy';
  readonly key: ObjectKey;
  /** What it is told is no newer wish: a call that runs is not stopped for it. */
  readonly gently?: true;
}

/** What is known besides the object itself. */
export interface Known {
  readonly sessions: Iterable<Session>;
  readonly teams: Iterable<Team>;
  readonly gitSyncs: Iterable<GitSync>;
  readonly dlpPolicies: Iterable<TargetedPolicy>;
  readonly recordingPolicies: Iterable<TargetedPolicy>;
}
