// What a supervisor looks after: parts (processes that must live) and tasks (work that must be done once).
import type { Part } from '../part.ts';

export interface TaskContext {
  readonly signal: AbortSignal;
  /** One short line about what is being done now. */
  readonly report: (line: string) => void;
}

/** Carried out once when what it depends on is ready; tried again with backoff until it succeeds. Twice must be as once. */
export interface Task {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly run: (context: TaskContext) => Promise<void>;
}

export type Unit = ({ readonly kind: 'part' } & Part) | ({ readonly kind: 'task' } & Task);

export function asPart(part: Part): Unit {
  return { kind: 'part', ...part };
}

export function asTask(task: Task): Unit {
  return { kind: 'task', ...task };
}

interface Node {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Names of the units in an order in which each comes after what it depends on; stable for equal input.
 * @throws RangeError for a name used twice, a dependency that is not there, or a cycle (with its path)
 */
export function startOrder(units: readonly Node[]): readonly string[] {
  const byName = new Map<string, Node>();
  for (const unit of units) {
    if (byName.has(unit.name)) throw new RangeError(`the unit ${unit.name} is there twice`);
    byName.set(unit.name, unit);
  }
  const ordered: string[] = [];
  const visit = (unit: Node, path: readonly string[]): void => {
    if (ordered.includes(unit.name)) return;
    if (path.includes(unit.name)) throw new RangeError(`units wait for each other: ${[...path, unit.name].join(' -> ')}`);
    for (const name of unit.dependsOn) {
      const dependency = byName.get(name);
      if (dependency === undefined) throw new RangeError(`${unit.name} depends on ${name}, which is not there`);
      visit(dependency, [...path, unit.name]);
    }
    ordered.push(unit.name);
  };
  for (const unit of units) visit(unit, []);
  return ordered;
}

/** For each unit, who depends on it: they must have stopped before it stops. */
export function dependentsOf(units: readonly Node[]): ReadonlyMap<string, readonly string[]> {
  return new Map(units.map(({ name }) => [name, units.filter((unit) => unit.dependsOn.includes(name)).map((unit) => unit.name)]));
}
