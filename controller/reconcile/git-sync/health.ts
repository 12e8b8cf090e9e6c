// The end of a sync: waits for health where that is wanted, and says what is not healthy and why.
import type { KubeClient, Resource } from '../../../runtime/kube/types.ts';
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { durationMs } from '../../../schemas/kinds/kind.ts';
import { LABELS } from '../../../schemas/names.ts';
import { ownerLabel, type SyncName } from '../../apply/ownership.ts';
import type { HealthExpressions } from '../../observe/expressions.ts';
import { lookAt, type Unhealthy, unhealthyCode, type Watched, waitUntilHealthy } from '../../observe/wait.ts';
import type { Plan } from '../../plan/plan.ts';
import { describeId, type ObjectId } from '../../render/manifest.ts';
import { failureFrom } from '../failures.ts';
import type { GitSyncReport } from './report.ts';

export interface SettleRun {
  readonly ports: { readonly client: KubeClient };
  readonly owner: SyncName;
  readonly spec: GitSyncSpec;
  readonly signal: AbortSignal;
  readonly report: GitSyncReport;
}

/** Waits for health where it is wanted; a look alone where nothing has changed since the last wait ended badly. */
export async function settle(
  run: SettleRun,
  { plan, rules }: { readonly plan: Plan; readonly rules: HealthExpressions },
  resources: ReadonlyMap<ObjectId, Resource>,
  changed: boolean,
): Promise<void> {
  const { spec, ports, signal, report, owner } = run;
  const watched: Watched[] = plan.changes.flatMap(({ id, action }) => {
    const resource = resources.get(id);
    const wanted = action !== 'delete' && action !== 'blocked' && action !== 'skip';
    return resource === undefined || !wanted ? [] : [{ id, resource }];
  });
  const waits = spec.wait && (changed || report.status.health === 'Healthy' || report.status.health === undefined);
  report.attempt.enter('WaitingForHealth', watched.length);
  const onLook = (unhealthy: readonly Unhealthy[]) =>
    report.attempt.live.waitingFor(
      unhealthy.map(({ id }) => id),
      watched.length,
    );
  const options = {
    onLook,
    client: ports.client,
    signal,
    timeoutMs: durationMs(spec.timeout),
    labelSelector: `${LABELS.gitSync}=${ownerLabel(owner)}`,
    rules,
  };
  report.progress.unhealthy = waits ? await waitUntilHealthy(watched, options) : await lookAt(watched, options);
  if (spec.wait) refuseUnhealthy(report.progress.unhealthy, plan, spec.timeout);
}

/** The one that decides first: what has failed, then what cannot be judged, then what takes too long. */
const CODES = ['HealthFailed', 'HealthRuleInvalid', 'HealthTimeout'] as const satisfies readonly ErrorCode[];

/** @throws StreamSpaceError one of {@link CODES}, with every object in its facts */
function refuseUnhealthy(unhealthy: readonly Unhealthy[], plan: Plan, timeout: string): void {
  const sorted = unhealthy.toSorted((a, b) => CODES.indexOf(unhealthyCode(a.state)) - CODES.indexOf(unhealthyCode(b.state)));
  const [first] = sorted;
  if (first === undefined) return;
  const positions = new Map(plan.changes.map(({ id, position }) => [id, position]));
  const problems = sorted.map((each) => {
    const position = positions.get(each.id);
    const code = unhealthyCode(each.state);
    const words = code === 'HealthTimeout' ? `not ready within ${timeout}: ${each.message}` : each.message;
    return {
      code,
      object: each.id,
      message: `${describeId(each.id)}: ${words}`,
      ...(position === undefined ? {} : { position }),
    };
  });
  throw failureFrom(problems, unhealthyCode(first.state));
}
