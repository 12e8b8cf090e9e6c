// Who needs whom, as a graph: how deep each stands, and a cycle where there is one. Pure, and without recursion: a chain of ten
// thousand must not end a process.

/** Each with what it needs; what is needed and is no node itself counts as there. */
export type Needs<K extends string> = ReadonlyMap<K, readonly K[]>;

/**
 * 0 for what needs nothing, else one more than the deepest of what it needs. What is in a cycle, or needs somebody in one, is
 * missing from the answer.
 */
export function levelsOf<K extends string>(graph: Needs<K>): ReadonlyMap<K, number> {
  const neededBy = new Map<K, K[]>();
  const open = new Map<K, number>();
  for (const [node, needs] of graph) {
    const inside = new Set(needs.filter((need) => graph.has(need)));
    open.set(node, inside.size);
    for (const need of inside) {
      const list = neededBy.get(need);
      if (list === undefined) neededBy.set(need, [node]);
      else list.push(node);
    }
  }
  const levels = new Map<K, number>();
  let ready = [...open].filter(([, count]) => count === 0).map(([node]) => node);
  for (let level = 0; ready.length > 0; level += 1) {
    const next: K[] = [];
    for (const node of ready) {
      levels.set(node, level);
      for (const waiting of neededBy.get(node) ?? []) {
        const left = (open.get(waiting) ?? 0) - 1;
        open.set(waiting, left);
        if (left === 0) next.push(waiting);
      }
    }
    ready = next;
  }
  return levels;
}

/** One cycle as a path that ends where it begins, `a, b, a`; always the same one for the same graph. */
export function cycleIn<K extends string>(graph: Needs<K>): readonly K[] | undefined {
  const levels = levelsOf(graph);
  const stuck = new Set([...graph.keys()].filter((node) => !levels.has(node)).toSorted());
  let [here] = stuck;
  const path = new Set<K>();
  // Whatever is stuck needs something that is stuck too, so the walk comes back to where it has been.
  while (here !== undefined && !path.has(here)) {
    path.add(here);
    here = [...(graph.get(here) ?? [])].filter((need) => stuck.has(need)).toSorted()[0];
  }
  if (here === undefined) return undefined;
  const walked = [...path];
  return [...walked.slice(walked.indexOf(here)), here];
}

/** The shortest way from a node back to itself, `a, b, a`; `undefined` where it is in no cycle. */
export function cycleThrough<K extends string>(graph: Needs<K>, node: K): readonly K[] | undefined {
  const cameFrom = new Map<K, K>();
  let edge: readonly K[] = [node];
  while (edge.length > 0) {
    const next: K[] = [];
    for (const here of edge)
      for (const need of [...(graph.get(here) ?? [])].toSorted()) {
        if (cameFrom.has(need)) continue;
        cameFrom.set(need, here);
        if (need === node) return pathBack(cameFrom, node);
        next.push(need);
      }
    edge = next;
  }
  return undefined;
}

function pathBack<K extends string>(cameFrom: ReadonlyMap<K, K>, node: K): readonly K[] {
  const path = [node];
  for (let here = cameFrom.get(node); here !== undefined && here !== node; here = cameFrom.get(here)) path.unshift(here);
  return [node, ...path];
}
