// The plan of what a merge would be. What people with a branch in the repository ask for is planned as the sync would, with the rights
// of its service account; what comes from a fork meets no cluster: it is held against what the branch renders to.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, ResourceMapper } from '../../../runtime/kube/types.ts';
import type { FieldRule } from '../../../schemas/kinds/field-rule.ts';
import type { Quota } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { API_GROUP } from '../../../schemas/names.ts';
import { VerifiedObjects } from '../../apply/verified.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import { differencesBetween } from '../../plan/differences.ts';
import type { Change } from '../../plan/plan.ts';
import type { KeptRenders } from '../../render/kept-renders.ts';
import { type ObjectId, partsOf } from '../../render/manifest.ts';
import { fieldsOf } from '../../validate/fields.ts';
import type { Identified } from '../../validate/validate.ts';
import { planAt } from '../git-sync/run.ts';
import { type Desired, identify } from '../git-sync/source.ts';
import { renderUnits } from '../git-sync/units.ts';
import type { PlanAsked, PullRequestPorts } from './ports.ts';
import { changedQuotas, quotaEffects } from './quota-effects.ts';

export interface PullRequestPlanPorts {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly renders: Pick<KeptRenders, 'render'>;
}

export function createPullRequestPlans(ports: PullRequestPlanPorts): Pick<PullRequestPorts, 'plan' | 'effects'> {
  const desired = async (tree: SourceTree, { target }: PlanAsked, asker: string, signal: AbortSignal): Promise<Desired> => {
    const { owner, spec } = target;
    const outcomes = await renderUnits(ports.renders, tree, spec, asker, signal);
    return await identify(ports, outcomes, { namespace: owner.namespace, spec }, signal);
  };
  return {
    async plan(asked, signal) {
      const { target, tip, before, after, trusted, number } = asked;
      const { owner, sync, spec, mark } = target;
      const wanted = await desired(after, asked, `pull request ${mark} ${number}`, signal);
      const failure = wanted.units.find((each) => each.failure !== undefined)?.failure;
      if (failure !== undefined) throw failure.error;
      if (!trusted) {
        const was = await desired(before, asked, mark, signal);
        return { changes: changesBetween(was.objects, wanted.objects, spec.mask), warnings: wanted.warnings };
      }
      const run = { ports: { ...ports, verified: new VerifiedObjects() }, owner, sync, spec, signal };
      return (await planAt(run, wanted, tip)).plan;
    },

    async effects({ changes }, signal) {
      const touched = changes.filter(({ action }) => action === 'configure' || action === 'replace' || action === 'delete');
      const [templates, teams] = [
        namesOf(touched, 'Template'),
        namesOf(
          touched.filter(({ action }) => action === 'delete'),
          'Team',
        ),
      ];
      const quotas = changedQuotas(touched);
      const limits = quotas.size === 0 ? [] : quotaEffects(quotas, await liveQuotas(ports.client, signal));
      if (templates.size + teams.size === 0) return limits;
      const { items } = await ports.client.list<Session>(RESOURCES.sessions, { signal });
      const running = items.filter(({ status }) => status?.phase === 'Running');
      const count = running.filter(
        ({ metadata, status }) =>
          templates.has(`${status?.templateRef?.namespace}/${status?.templateRef?.name}`) || teams.has(metadata.namespace ?? ''),
      ).length;
      return [count === 1 ? '1 running session is touched' : `${count} running sessions are touched`, ...limits];
    },
  };
}

async function liveQuotas(client: Pick<KubeClient, 'list'>, signal: AbortSignal): Promise<ReadonlyMap<string, Quota>> {
  const { items } = await client.list<Quota>(RESOURCES.quotas, { signal });
  return new Map(items.map((quota) => [`${quota.metadata.namespace}/${quota.metadata.name}`, quota]));
}

/** `namespace/name` of objects of ours; of a Team the namespace of its sessions. */
function namesOf(changes: readonly Change[], kind: 'Template' | 'Team'): ReadonlySet<string> {
  return new Set(
    changes
      .map(({ id }) => partsOf(id))
      .filter((parts) => parts.group === API_GROUP && parts.kind === kind)
      .map(({ namespace, name }) => (kind === 'Team' ? `team-${name}` : `${namespace}/${name}`)),
  );
}

/** As a plan between two revisions. Pure. */
export function changesBetween(
  before: readonly Identified[],
  after: readonly Identified[],
  masks: readonly FieldRule[],
): readonly Change[] {
  const old = new Map(before.map((object) => [object.id, object]));
  const now = new Map(after.map((object) => [object.id, object]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((id: ObjectId): readonly Change[] => {
    const [was, is] = [old.get(id), now.get(id)];
    if (is === undefined) return [{ action: 'delete', id, uid: '' }];
    const { position } = is.manifest;
    if (was === undefined) return [{ action: 'create', id, wanted: is, deferred: false, position }];
    if (isDeepStrictEqual(was.manifest.object, is.manifest.object)) return [];
    const found = differencesBetween(was.manifest.object, is.manifest.object, { masked: fieldsOf(masks, id) });
    return [{ action: 'configure', id, wanted: is, uid: '', conflicts: [], position, ...found }];
  });
}
