// S-097: what a GitSync waits for: other GitSyncs that have to be ready first.
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import { cycleThrough } from '../validate/graph.ts';

/** How long until it is looked again; what becomes ready in between is told at once. */
const AGAIN_MS = 30_000;

/**
 * Pure; `all` is every GitSync that exists.
 * @throws StreamSpaceError `DependencySelf`, `DependencyMissing`, `DependencyCycle`, `DependencyNotReady`
 */
export function requireDependencies(sync: GitSync, all: readonly GitSync[]): void {
  const self = nameOf(sync);
  const wanted = dependenciesOf(sync);
  if (wanted.includes(self)) throw waiting('DependencySelf', `spec.dependsOn names ${self}, which is this GitSync itself`);
  const known = new Map(all.map((each) => [nameOf(each), each]));
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length > 0) throw waiting('DependencyMissing', `spec.dependsOn names ${missing.join(', ')}, and there is none`);
  const graph = new Map([...known].map(([name, each]) => [name, dependenciesOf(each)]));
  const cycle = cycleThrough(graph, self);
  if (cycle !== undefined) throw waiting('DependencyCycle', `it waits for itself in the end: ${cycle.join(' -> ')}`);
  const open = wanted.filter((name) => !isReady(known.get(name)));
  if (open.length === 0) return;
  const words = open.map(
    (name) => `${name} (${known.get(name)?.status?.conditions?.find(isReadyCondition)?.reason ?? 'not begun'})`,
  );
  throw waiting('DependencyNotReady', `it waits for ${words.join(', ')}`);
}

/** Who waits for a GitSync that has just become ready. */
export function releasedBy(sync: GitSync, before: GitSync | undefined, all: Iterable<GitSync>): readonly GitSync[] {
  if (!isReady(sync) || isReady(before)) return [];
  const name = nameOf(sync);
  return [...all].filter((each) => isWaiting(each) && dependenciesOf(each).includes(name));
}

function waiting(code: ErrorCode, message: string): StreamSpaceError {
  return new StreamSpaceError(code, message, { retryAfterMs: AGAIN_MS });
}

/** `namespace/name`; another namespace than its own only where it is named. */
function dependenciesOf({ metadata, spec }: GitSync): readonly string[] {
  return (spec.dependsOn ?? []).map(({ namespace, name }) => `${namespace ?? metadata.namespace ?? ''}/${name}`);
}

function nameOf({ metadata }: GitSync): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

const isReadyCondition = ({ type }: { readonly type: string }): boolean => type === 'Ready';

/** For the spec it has now: what was ready for an older one says nothing. */
function isReady(sync: GitSync | undefined): boolean {
  if (sync === undefined || sync.metadata.deletionTimestamp !== undefined) return false;
  const ready = sync.status?.conditions?.find(isReadyCondition);
  return ready?.status === 'True' && ready.observedGeneration === sync.metadata.generation;
}

function isWaiting(sync: GitSync): boolean {
  return sync.status?.conditions?.find(isReadyCondition)?.reason.startsWith('Dependency') === true;
}
