// What objects in Git wish about their order: a wave, and other objects that have to be healthy first.
import { formatPosition } from '../../schemas/errors.ts';
import { ANNOTATIONS } from '../../schemas/names.ts';
import { PHASES, phaseOf } from '../plan/order.ts';
import { describeId, type Manifest, type ObjectId } from '../render/manifest.ts';
import { at, type JsonValue } from '../render/yaml/json.ts';
import { cycleIn } from './graph.ts';

export interface OrderWish {
  /** 0 unless the object says otherwise; a lower one is applied, and healthy, before a higher one begins. */
  readonly wave: number;
  readonly needs: readonly ObjectId[];
}

export const NO_WISH: OrderWish = { wave: 0, needs: [] };

/** An object of the set, as far as its order goes. */
export interface Ordered {
  readonly id: ObjectId;
  readonly manifest: Manifest;
}

export interface OrderProblem extends Ordered {
  /** Which annotation says it. */
  readonly annotation: string;
  readonly message: string;
}

const WAVE = /^[+-]?\d{1,6}$/;
/** `group/kind/namespace/name`, as status and plan write an object; an empty group is the core group. */
const OBJECT = /^[^/\s]*\/[^/\s]+\/[^/\s]*\/[^/\s]+$/;

/** Of an object in the cluster too: what cannot be read there is no wish. */
export function orderWishOf(object: JsonValue | undefined): OrderWish {
  const wave = annotationOf(object, ANNOTATIONS.wave) ?? '0';
  return {
    wave: WAVE.test(wave) ? Number(wave) : 0,
    needs: needsOf(object).filter((text): text is ObjectId => OBJECT.test(text)),
  };
}

export function orderProblems(objects: readonly Ordered[]): readonly OrderProblem[] {
  const all = new Map(objects.map((each) => [each.id, each]));
  const unreadable = objects.flatMap(textProblems);
  const edges = objects.flatMap((object) =>
    orderWishOf(object.manifest.object).needs.flatMap((need) => edgeProblem(object, need, all)),
  );
  const cycle = cycleIn(new Map(objects.map(({ id, manifest }) => [id, orderWishOf(manifest.object).needs])));
  return [...unreadable, ...edges, ...(cycle === undefined ? [] : cycleProblem(cycle, all))];
}

function textProblems({ id, manifest }: Ordered): readonly OrderProblem[] {
  const wave = at(manifest.object, 'metadata', 'annotations', ANNOTATIONS.wave);
  const bad = needsOf(manifest.object).filter((text) => !OBJECT.test(text));
  return [
    ...(wave === undefined || (typeof wave === 'string' && WAVE.test(wave))
      ? []
      : [problem(id, manifest, ANNOTATIONS.wave, `${ANNOTATIONS.wave} has to be a whole number in quotes, such as "2" or "-1"`)]),
    ...bad.map((text) =>
      problem(
        id,
        manifest,
        ANNOTATIONS.dependsOn,
        `${ANNOTATIONS.dependsOn} has "${text}"; write group/kind/namespace/name, separated by commas`,
      ),
    ),
  ];
}

function edgeProblem({ id, manifest }: Ordered, need: ObjectId, all: ReadonlyMap<ObjectId, Ordered>): readonly OrderProblem[] {
  const found = all.get(need);
  if (found === undefined)
    return [problem(id, manifest, ANNOTATIONS.dependsOn, `it depends on ${describeId(need)}, which is not in the same set`)];
  const mine = stepOf(id, manifest);
  const theirs = stepOf(need, found.manifest);
  if (theirs.phase < mine.phase || (theirs.phase === mine.phase && theirs.wave <= mine.wave)) return [];
  const words = (step: typeof mine): string => `${PHASES[step.phase]}, wave ${step.wave}`;
  return [
    problem(
      id,
      manifest,
      ANNOTATIONS.dependsOn,
      `it depends on ${describeId(need)}, which comes later (${words(theirs)}) than itself (${words(mine)})`,
    ),
  ];
}

function stepOf(id: ObjectId, { object }: Manifest): { readonly phase: number; readonly wave: number } {
  return { phase: PHASES.indexOf(phaseOf(id)), wave: orderWishOf(object).wave };
}

function cycleProblem(cycle: readonly ObjectId[], all: ReadonlyMap<ObjectId, Ordered>): readonly OrderProblem[] {
  const [first] = cycle;
  const object = first === undefined ? undefined : all.get(first);
  if (object === undefined) return [];
  const path = cycle.map((id) => {
    const position = all.get(id)?.manifest.position;
    return `${describeId(id)}${position === undefined ? '' : ` (${formatPosition(position)})`}`;
  });
  const words = cycle.length === 2 ? 'it depends on itself' : `it depends on itself in the end: ${path.join(' -> ')}`;
  return [problem(object.id, object.manifest, ANNOTATIONS.dependsOn, words)];
}

function problem(id: ObjectId, manifest: Manifest, annotation: string, message: string): OrderProblem {
  return { id, manifest, annotation, message };
}

function needsOf(object: JsonValue | undefined): readonly string[] {
  return (annotationOf(object, ANNOTATIONS.dependsOn) ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function annotationOf(object: JsonValue | undefined, name: string): string | undefined {
  const value = at(object, 'metadata', 'annotations', name);
  return typeof value === 'string' ? value : undefined;
}
