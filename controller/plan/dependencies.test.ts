import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import { gitSyncSpec } from '../../schemas/kinds/git-sync/git-sync-spec.ts';
import { releasedBy, requireDependencies } from './dependencies.ts';

interface Given {
  readonly on?: readonly (string | { readonly name: string; readonly namespace: string })[];
  readonly ready?: 'True' | 'False';
  readonly reason?: string;
  readonly observed?: number;
  readonly deleting?: true;
}

function sync(name: string, { on = [], ready, reason = 'Synced', observed = 2, deleting }: Given = {}): GitSync {
  const dependsOn = on.map((each) => (typeof each === 'string' ? { name: each } : each));
  const condition = {
    type: 'Ready',
    status: ready ?? 'True',
    reason,
    message: '',
    lastTransitionTime: '',
    observedGeneration: observed,
  };
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'GitSync',
    metadata: { name, namespace: 'a', generation: 2, ...(deleting === undefined ? {} : { deletionTimestamp: 'now' }) },
    spec: gitSyncSpec.parse({ url: 'https://git.example.com/x.git', dependsOn }),
    ...(ready === undefined ? {} : { status: { conditions: [condition] } }),
  };
}

function refusal(self: GitSync, ...others: readonly GitSync[]): string {
  try {
    requireDependencies(self, [self, ...others]);
    return 'none';
  } catch (error) {
    if (!(error instanceof StreamSpaceError)) throw error;
    expect([error.retryAfterMs, error.entry.retry]).toEqual([30_000, 'after']);
    return `${error.code} ${error.message}`;
  }
}

test('S-097 each way to wait has a code of its own, and the circle is printed as a path', () => {
  expect(refusal(sync('x', { on: ['x'] }))).toMatch(/^DependencySelf .*a\/x/);
  expect(refusal(sync('x', { on: ['y', 'z'] }), sync('y'))).toMatch(/^DependencyMissing .*a\/z/);
  expect(refusal(sync('x', { on: ['y'] }), sync('y', { on: ['z'] }), sync('z', { on: ['x'] }))).toBe(
    'DependencyCycle it waits for itself in the end: a/x -> a/y -> a/z -> a/x',
  );
  expect(refusal(sync('x', { on: ['y'] }), sync('y'))).toBe('DependencyNotReady it waits for a/y (not begun)');
  expect(refusal(sync('x', { on: ['y'] }), sync('y', { ready: 'False', reason: 'RenderFailed' }))).toMatch(
    /a\/y \(RenderFailed\)/,
  );
});

test('ready is ready for the spec of now, and not on its way out', () => {
  const x = sync('x', { on: ['y'] });
  expect(refusal(x, sync('y', { ready: 'True' }))).toBe('none');
  expect(refusal(x, sync('y', { ready: 'True', observed: 1 }))).toMatch(/^DependencyNotReady/);
  expect(refusal(x, sync('y', { ready: 'True', deleting: true }))).toMatch(/^DependencyNotReady/);
  expect(refusal(sync('x', { on: [{ namespace: 'b', name: 'y' }] }), sync('y', { ready: 'True' }))).toMatch(
    /DependencyMissing .*b\/y/,
  );
});

test('who waits is woken when what it waits for becomes ready, once, and nobody else', () => {
  const waits = sync('x', { on: ['y'], ready: 'False', reason: 'DependencyNotReady' });
  const runs = sync('z', { on: ['y'], ready: 'True' });
  const all = [waits, runs, sync('y')];
  const names = (now: GitSync, before?: GitSync) => releasedBy(now, before, all).map(({ metadata }) => metadata.name);
  expect(names(sync('y', { ready: 'True' }), sync('y'))).toEqual(['x']);
  expect(names(sync('y', { ready: 'True' }), sync('y', { ready: 'True' }))).toEqual([]);
  expect(names(sync('y', { ready: 'False' }), sync('y'))).toEqual([]);
});
