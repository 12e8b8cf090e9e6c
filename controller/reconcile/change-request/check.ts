// Looks at the repository as it would be: rendered, validated, judged by scope, and planned with the rights of the GitSync. What would
// break the sync, or reach beyond what may be asked for, is refused before there is a commit.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, ResourceMapper } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import { type ChangeRequest, MAX_CHANGED_OBJECTS } from '../../../schemas/kinds/changes/change-request.ts';
import { ownerMark } from '../../apply/ownership.ts';
import { VerifiedObjects } from '../../apply/verified.ts';
import { applyEdits, type RenderedSource, requireWished } from '../../changes/apply-edits.ts';
import { OverlayTree } from '../../changes/overlay-tree.ts';
import { rollbackFiles } from '../../changes/rollback.ts';
import { requireInScope } from '../../changes/scope.ts';
import { takenBack } from '../../changes/take-back.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { normalizePath } from '../../git/snapshot.ts';
import type { GitSource } from '../../git/source.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import type { KeptRenders } from '../../render/kept-renders.ts';
import { describeId, type ObjectId, partsOf } from '../../render/manifest.ts';
import { type RenderSpec, unitsOf } from '../../render/unit.ts';
import type { Identified } from '../../validate/validate.ts';
import { planAt } from '../git-sync/run.ts';
import { type Desired, identify } from '../git-sync/source.ts';
import { renderUnits, type UnitOutcome } from '../git-sync/units.ts';
import type { ChangeRequestPorts, CheckedChange, CheckRequest } from './ports.ts';

export interface CheckPorts {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
  readonly renders: Pick<KeptRenders, 'render'>;
  readonly git: Pick<GitSource, 'inClone' | 'descends' | 'tree'>;
}

export function createChangeChecks(ports: CheckPorts): Pick<ChangeRequestPorts, 'edit' | 'check'> {
  const desired = async (tree: SourceTree, { target }: Pick<CheckRequest, 'target'>, asker: string, signal: AbortSignal) => {
    const { owner, spec } = target;
    const outcomes = await renderUnits(ports.renders, tree, spec, asker, signal);
    return { outcomes, wanted: await identify(ports, outcomes, { namespace: owner.namespace, spec }, signal) };
  };
  return {
    async edit({ before, target, request, tip }, signal) {
      const { rollback } = request.spec;
      const edited = async (edits: readonly ChangeEdit[]) => {
        const { outcomes } = await desired(before, { target }, ownerMark(target.owner), signal);
        const { namespace: defaultNamespace } = target.owner;
        const files = await applyEdits(edits, { tree: before, sources: sourcesOf(outcomes), defaultNamespace });
        return { files, edits };
      };
      if (rollback === undefined) return await edited(request.spec.edits);
      const { repository, branch, spec } = target;
      const made = request.status?.baseCommit;
      const asked = { repository, branch, tip, wish: rollback, base: made === undefined ? undefined : parseCommitSha(made) };
      try {
        return await rollbackFiles(ports.git, { ...asked, paths: pathsOf(spec) }, signal);
      } catch (error) {
        const edits = isConflict(error) ? await editsBack(ports.client, request, signal) : undefined;
        if (edits === undefined) throw error;
        return await edited(edits);
      }
    },
    async check(asked, signal) {
      const { target, request, before: tree, files } = asked;
      const before = await desired(tree, asked, ownerMark(target.owner), signal);
      const after = await desired(new OverlayTree(tree, files), asked, `change ${request.metadata.uid ?? ''}`, signal);
      refuseBrokenUnits(before.wanted, after.wanted);
      const sources = { sources: sourcesOf(before.outcomes), defaultNamespace: target.owner.namespace };
      const wished = asked.edits ?? (request.spec.rollback === undefined ? request.spec.edits : []);
      requireWished(wished, sources, sourcesOf(after.outcomes));
      const changed = changedObjects(before.wanted.objects, after.wanted.objects);
      requireInScope(request.metadata.namespace ?? '', changed);
      await refuseBlocked(
        ports,
        asked,
        { ...after.wanted, objects: changed.flatMap(({ after: object }) => object ?? []) },
        signal,
      );
      return { objects: changed.slice(0, MAX_CHANGED_OBJECTS).map(listed), objectCount: changed.length };
    },
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof StreamSpaceError && error.code === 'ChangeConflict';
}

/** Others have written beside what is taken back: field by field it may still go. */
async function editsBack(
  client: Pick<KubeClient, 'find'>,
  { metadata, spec: { takesBack } }: ChangeRequest,
  signal: AbortSignal,
): Promise<readonly ChangeEdit[] | undefined> {
  if (takesBack === undefined) return undefined;
  const granted = await client.find<ChangeRequest>(RESOURCES.changeRequests, metadata.namespace, takesBack.name, { signal });
  return granted?.metadata.uid === takesBack.uid ? takenBack(granted.spec.edits) : undefined;
}

function sourcesOf(outcomes: readonly UnitOutcome[]): readonly RenderedSource[] {
  return outcomes.map(({ unit, manifests, renderer }) => ({ unit, manifests, renderer }));
}

/** None: all of the repository. */
function pathsOf(spec: RenderSpec): readonly string[] {
  const paths = unitsOf(spec).map(({ path }) => normalizePath(path));
  return paths.includes('') ? [] : paths;
}

interface ChangedObject {
  readonly id: ObjectId;
  readonly before: Identified | undefined;
  readonly after: Identified | undefined;
  readonly values: readonly Identified['manifest']['object'][];
}

function changedObjects(before: readonly Identified[], after: readonly Identified[]): readonly ChangedObject[] {
  const old = new Map(before.map((object) => [object.id, object]));
  const now = new Map(after.map((object) => [object.id, object]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
    const pair = { before: old.get(id), after: now.get(id) };
    if (isDeepStrictEqual(pair.before?.manifest.object, pair.after?.manifest.object)) return [];
    const values = [pair.before, pair.after].flatMap((each) => (each === undefined ? [] : [each.manifest.object]));
    return [{ id, ...pair, values }];
  });
}

/** A unit that could be rendered before, and can no longer. */
function refuseBrokenUnits(before: Desired, after: Desired): void {
  for (const { unit, failure } of after.units) {
    const was = before.units.find((each) => each.unit.name === unit.name);
    if (failure !== undefined && was?.failure === undefined) throw failure.error;
  }
}

/** The objects that differ, as the sync would write them: with its rights, so that what it must not give is refused here. */
async function refuseBlocked(
  ports: CheckPorts,
  { target, tip }: CheckRequest,
  wanted: Desired,
  signal: AbortSignal,
): Promise<void> {
  if (wanted.objects.length === 0) return;
  const { owner, sync, spec } = target;
  const run = { ports: { ...ports, verified: new VerifiedObjects() }, owner, sync, spec, signal };
  const { plan } = await planAt(run, wanted, tip);
  const ids = new Set(wanted.objects.map(({ id }) => id));
  const blocked = plan.changes.find((change) => change.action === 'blocked' && ids.has(change.id));
  if (blocked?.action !== 'blocked') return;
  throw new StreamSpaceError(blocked.code, `${describeId(blocked.id)}: ${blocked.reason ?? 'the cluster refuses it'}`, {
    ...(blocked.position === undefined ? {} : { position: blocked.position }),
  });
}

function listed({ id, before, after }: ChangedObject): CheckedChange['objects'][number] {
  const { kind, namespace, name } = partsOf(id);
  const apiVersion = (after ?? before)?.manifest.apiVersion ?? '';
  const action = before === undefined ? 'Create' : after === undefined ? 'Delete' : 'Configure';
  return { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }), action };
}
