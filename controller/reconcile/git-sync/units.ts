// From a tree to the manifests of every unit: what is wrong with one is told of it alone, and the others go on.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { eachLimited } from '../../apply/cluster.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import type { PlannedUnits } from '../../plan/units.ts';
import type { KeptRenders } from '../../render/kept-renders.ts';
import { groupOf, type Manifest, partsOf } from '../../render/manifest.ts';
import type { ConcreteRenderer } from '../../render/render.ts';
import { type RenderSpec, type Unit, unitsOf } from '../../render/unit.ts';
import { type Problem, refuseProblems } from '../../validate/validate.ts';
import { describeFailure, failureFrom } from '../failures.ts';

/** What became of one unit. */
export interface UnitOutcome {
  readonly unit: Unit;
  readonly treeId: string | undefined;
  readonly manifests: readonly Manifest[];
  readonly warnings: readonly string[];
  /** Left out where it could not be rendered. */
  readonly renderer?: ConcreteRenderer;
  readonly failure?: UnitFailure;
}

export interface UnitFailure {
  readonly error: StreamSpaceError;
  /** When it is rendered again, should nothing change before. */
  readonly retryInMs: number;
}

/** A mistake in manifests is found again at once, so only a new commit or the next poll is worth a look. */
const NO_RETRY = Number.POSITIVE_INFINITY;
const AT_ONCE = 4;

/** In the order of the spec. @throws what is wrong with the one unit of a GitSync without `units`; what no unit is to blame for */
export async function renderUnits(
  renders: Pick<KeptRenders, 'render'>,
  tree: SourceTree,
  spec: RenderSpec,
  asker: string,
  signal: AbortSignal,
): Promise<readonly UnitOutcome[]> {
  const units = unitsOf(spec);
  const outcomes = new Map<Unit, UnitOutcome>();
  await eachLimited(units, AT_ONCE, async (unit) => {
    signal.throwIfAborted();
    outcomes.set(unit, await renderOne(renders, tree, unit, { asker, allowEmpty: spec.allowEmpty }, signal));
  });
  return units.flatMap((unit) => outcomes.get(unit) ?? []);
}

async function renderOne(
  renders: Pick<KeptRenders, 'render'>,
  tree: SourceTree,
  unit: Unit,
  { asker, allowEmpty }: Pick<RenderSpec, 'allowEmpty'> & { readonly asker: string },
  signal: AbortSignal,
): Promise<UnitOutcome> {
  const result = await renders.render(tree, unit, asker, signal);
  const { treeId } = result;
  const failed = (error: StreamSpaceError, retryInMs: number): UnitOutcome => {
    if (unit.name === undefined) throw error;
    return { unit, treeId, manifests: [], warnings: [], failure: { error, retryInMs } };
  };
  if (result.outcome === 'failed') return failed(result.error, result.retryInMs);
  const { manifests, warnings, renderer } = result.rendered;
  if (manifests.length === 0 && !allowEmpty)
    return failed(new StreamSpaceError('RenderEmpty', `the path "${unit.path}" gives no manifest`), NO_RETRY);
  const { name } = unit;
  return {
    unit,
    treeId,
    warnings,
    renderer,
    manifests: name === undefined ? manifests : manifests.map((each) => ({ ...each, unit: name })),
  };
}

/**
 * The units with what the validation found wrong in them, each without manifests then. The same object in two units is a mistake
 * of both. @throws the first problem, where no unit has a name, or where one belongs to none
 */
export function withProblems(
  outcomes: readonly UnitOutcome[],
  problems: readonly Problem[],
  defaultNamespace: string,
): readonly UnitOutcome[] {
  if (problems.length === 0) return outcomes;
  const blamed = new Map<UnitOutcome, Problem[]>();
  for (const problem of problems) {
    const units = outcomes.filter(
      ({ unit, manifests }) => unit.name !== undefined && manifests.some((each) => isAbout(problem, each, defaultNamespace)),
    );
    if (units.length === 0) refuseProblems(problems);
    for (const each of units) blamed.set(each, [...(blamed.get(each) ?? []), problem]);
  }
  return outcomes.map((outcome) => {
    const own = blamed.get(outcome);
    const [first] = own ?? [];
    if (own === undefined || first === undefined) return outcome;
    return { ...outcome, manifests: [], failure: { error: failureFrom(own, first.code), retryInMs: NO_RETRY } };
  });
}

function isAbout({ object, position }: Problem, manifest: Manifest, defaultNamespace: string): boolean {
  if (object === undefined) return position?.file === manifest.position.file;
  const { group, kind, namespace, name } = partsOf(object);
  const same = kind === manifest.kind && name === manifest.name && group === groupOf(manifest.apiVersion);
  return same && (namespace === '' || namespace === (manifest.namespace ?? defaultNamespace));
}

/** `undefined` where the GitSync is the one unit. */
export function plannedUnits(outcomes: readonly UnitOutcome[]): PlannedUnits | undefined {
  const rendered = new Set<string>();
  const failed = new Map<string, string>();
  for (const { unit, failure } of outcomes) {
    if (unit.name === undefined) return undefined;
    if (failure === undefined) rendered.add(unit.name);
    else failed.set(unit.name, `${failure.error.code}, ${describeFailure(failure.error)}`);
  }
  return { rendered, failed };
}
