// What the fight detector has to say in a sync: which repairs wait, and what is told of it.
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { ownerMark, type SyncName } from '../../apply/ownership.ts';
import type { DryRuns } from '../../plan/input.ts';
import type { Plan } from '../../plan/plan.ts';
import { describeId, type ObjectId } from '../../render/manifest.ts';
import type { GitSyncPorts } from '../git-sync/ports.ts';
import type { GitSyncReport } from '../git-sync/report.ts';
import type { StatusUpdate } from '../git-sync/status.ts';
import { otherManagersOf } from './field-managers.ts';
import { describeFight, type Fight } from './fights.ts';

/** What it needs of a sync. */
export interface DampedRun {
  readonly owner: SyncName;
  readonly ports: Pick<GitSyncPorts, 'fights' | 'driftMetrics'>;
  readonly report: Pick<GitSyncReport, 'status' | 'event'>;
}

export interface Damping {
  /** What is to be done now. */
  readonly plan: Plan;
  /** Tells of what was put back. */
  repaired(written: readonly ObjectId[]): void;
  /** What the status says of it in the end. */
  conditions(): Pick<StatusUpdate, 'drifted' | 'fighting'>;
}

/** Only of a revision that is applied already: what a new one changes is no answer to anybody. */
export function dampFights(run: DampedRun, plan: Plan, dryRuns: DryRuns['wanted'], sha: string): Damping {
  const { ports, report } = run;
  const { fights, driftMetrics } = ports;
  const owner = ownerMark(run.owner);
  const applied = report.status.revision === sha;
  const damped = applied ? fights.damp(owner, plan, (id, field) => managersIn(dryRuns, id, field)) : undefined;
  for (const fight of damped?.begun ?? []) report.event('Warning', 'FieldFight', describeFight(fight));
  return {
    plan: damped?.plan ?? plan,
    repaired: (written) => {
      if (!applied) return;
      fights.repaired(owner, written);
      driftMetrics.damped(damped?.waiting.length ?? 0);
      driftMetrics.fighting(fights.count());
    },
    conditions: () => ({
      drifted: driftedOf(damped?.waiting ?? []),
      fighting: fightingOf(fights.of(owner), findCondition(report.status.conditions, 'Fighting') !== undefined),
    }),
  };
}

function managersIn(dryRuns: DryRuns['wanted'], id: ObjectId, field: string): readonly string[] {
  const answer = dryRuns.get(id);
  return answer?.outcome !== 'accepted' ? [] : otherManagersOf(answer.live, field);
}

function driftedOf(waiting: readonly ObjectId[]): NonNullable<StatusUpdate['drifted']> {
  if (waiting.length === 0) return { found: false, message: 'the cluster is as Git says' };
  const names = waiting.slice(0, 5).map(describeId).join(', ');
  return { found: true, message: `${waiting.length} objects are fought over and wait for their next repair: ${names}` };
}

/** Nothing is said before the first fight, and the end of the last one is. */
function fightingOf(fights: readonly Fight[], told: boolean): StatusUpdate['fighting'] {
  if (fights.length === 0) return told ? { found: false, message: 'no field is fought over' } : undefined;
  const more = fights.length > 5 ? `; and ${fights.length - 5} more` : '';
  return { found: true, message: `${fights.slice(0, 5).map(describeFight).join('; ')}${more}` };
}
