// Looks at the repository as it would be: rendered, validated, judged by scope, and planned with the rights of the GitSync. What would
// break the sync, or reach beyond what may be asked for, is refused before there is a commit.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, ResourceMapper } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import { type ChangeRequest, MAX_CHANGED_OBJECTS } from '../../../schemas/kinds/changes/change-request.ts';
import type { FieldRule } from '../../../schemas/kinds/field-rule.ts';
import { ownerMark } from '../../apply/ownership.ts';
import { VerifiedObjects } from '../../apply/verified.ts';
import { applyEdits, type RenderedSource, requireWished } from '../../changes/apply-edits.ts';
import { OverlayTree } from '../../changes/overlay-tree.ts';
import { isWithin, rollbackFiles } from '../../changes/rollback.ts';
import { requireInScope } from '../../changes/scope.ts';
import { takenBack } from '../../changes/take-back.ts';
import { valuesFilesOf } from '../../changes/values-file.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { normalizePath } from '../../git/snapshot.ts';
import type { GitSource } from '../../git/source.ts';
import { RecordedTree, type SourceTree } from '../../git/source-tree.ts';
import type { KeptRenders } from '../../render/kept-renders.ts';
import { describeId, type Manifest, type ObjectId, partsOf } from '../../render/manifest.ts';
import { unitsOf } from '../../render/unit.ts';
import { fieldsOf } from '../../validate/fields.ts';
import type { Identified } from '../../validate/validate.ts';
import { planAt } from '../git-sync/run.ts';
import { type Desired, identify } from '../git-sync/source.ts';
import { renderUnits, type UnitOutcome } from '../git-sync/units.ts';
import type { ChangeRequestPorts, ChangeTarget, CheckedChange, CheckRequest } from './ports.ts';

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
      const { repository, branch } = target;
      const made = request.status?.baseCommit;
      const asked = { repository, branch, tip, wish: rollback, base: made === undefined ? undefined : parseCommitSha(made) };
      const paths = await pathsOf(ports.renders, before, target, signal);
      try {
        return await rollbackFiles(ports.git, { ...asked, paths }, signal);
      } catch (error) {
        const edits = isConflict(error) ? await editsBack(ports.client, request, signal) : undefined;
        if (edits === undefined) throw error;
        return await edited(edits);
      }
    },
    async check(asked, signal) {
      const { target, request, before: tree, files } = asked;
      const before = await desired(tree, asked, ownerMark(target.owner), signal).catch(async (error: unknown) => {
        // A commit that broke it is what is undone most: then it is held against what was applied last.
        const applied = target.sync.status?.revision;
        if (request.spec.rollback === undefined || applied === undefined || !isMistake(error)) throw error;
        const last = ports.git.tree(target.repository, { branch: target.branch }, parseCommitSha(applied), signal);
        return await desired(last, asked, ownerMark(target.owner), signal);
      });
      const after = await desired(new OverlayTree(tree, files), asked, `change ${request.metadata.uid ?? ''}`, signal);
      refuseBrokenUnits(before.wanted, after.wanted);
      const sources = { sources: sourcesOf(before.outcomes), defaultNamespace: target.owner.namespace };
      const wished = asked.edits ?? (request.spec.rollback === undefined ? request.spec.edits : []);
      requireWished(wished, sources, sourcesOf(after.outcomes));
      const changed = changedObjects(before.wanted, after.wanted);
      requireInScope(request.metadata.namespace ?? '', files.keys(), changed);
      await refuseBlocked(
        ports,
        asked,
        { ...after.wanted, objects: changed.flatMap(({ after: object }) => object ?? []) },
        signal,
      );
      const hidden = [before.wanted, after.wanted].flatMap((wanted) => hiddenFiles(wanted, target.spec.mask));
      return {
        objects: changed.slice(0, MAX_CHANGED_OBJECTS).map(listed),
        objectCount: changed.length,
        hidden: [...new Set(hidden)].filter((file) => files.has(file)),
      };
    },
  };
}

/** Of what is in the repository; it stays until somebody changes it. */
function isMistake(error: unknown): boolean {
  return error instanceof StreamSpaceError && error.entry.retry === 'never';
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

/** What the GitSync renders, and what its render reads beside that. None: all of the repository. */
async function pathsOf(
  renders: CheckPorts['renders'],
  tree: SourceTree,
  { owner, spec }: Pick<ChangeTarget, 'owner' | 'spec'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = unitsOf(spec).map(({ path }) => normalizePath(path));
  if (own.includes('')) return [];
  const recorded = new RecordedTree(tree);
  try {
    await renderUnits(renders, recorded, spec, ownerMark(owner), signal);
  } catch (error) {
    // What is broken may be rolled back: then it is what was read until the mistake.
    if (!isMistake(error)) throw error;
  }
  const read = [...recorded.reads.keys()].map(normalizePath);
  return [...own, ...read.filter((path) => path !== '' && !own.some((folder) => isWithin(path, folder)))];
}

interface ChangedObject {
  readonly id: ObjectId;
  readonly before: Identified | undefined;
  readonly after: Identified | undefined;
  readonly values: readonly Manifest['object'][];
  readonly files: readonly string[];
}

function changedObjects(before: Desired, after: Desired): readonly ChangedObject[] {
  const old = new Map(before.objects.map((object) => [object.id, object]));
  const now = new Map(after.objects.map((object) => [object.id, object]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    const sides = [
      ...(was === undefined ? [] : [{ manifest: wholeOf(was), units: before.units }]),
      ...(is === undefined ? [] : [{ manifest: wholeOf(is), units: after.units }]),
    ];
    const values = sides.map(({ manifest }) => manifest.object);
    if (values.length === 2 && isDeepStrictEqual(values[0], values[1])) return [];
    return [{ id, before: was, after: is, values, files: sides.flatMap(filesOf) }];
  });
}

/** Those that an object comes from which is a Secret, or has fields that are masked. */
function hiddenFiles({ objects, units }: Desired, masks: readonly FieldRule[]): readonly string[] {
  return objects
    .filter(
      ({ id, manifest: { apiVersion, kind } }) => (apiVersion === 'v1' && kind === 'Secret') || fieldsOf(masks, id).length > 0,
    )
    .flatMap(({ manifest }) => filesOf({ manifest, units }));
}

/** With what is left to others in the cluster: in Git it is changed all the same. */
function wholeOf({ manifest, left }: Identified): Manifest {
  return left?.made ?? manifest;
}

function filesOf({ manifest, units }: { readonly manifest: Manifest; readonly units: Desired['units'] }): readonly string[] {
  const unit = units.find((each) => each.unit.name === manifest.unit)?.unit;
  return [manifest.position.file, ...(unit === undefined ? [] : valuesFilesOf(manifest, unit))];
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
