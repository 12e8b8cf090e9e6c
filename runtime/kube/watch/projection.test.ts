import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differencesOf, HIDDEN, project, withoutSecrets } from './projection.ts';

const json = fc.jsonValue({ maxDepth: 4 });

describe('project', () => {
  test('of a value onto itself is that value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(project(value, value)).toEqual(value);
        expect(differencesOf(value, value, 100)).toEqual([]);
      }),
    );
  });

  test('twice is once', () => {
    fc.assert(
      fc.property(json, json, (wanted, live) => {
        const once = project(wanted, live);
        expect(project(wanted, once)).toEqual(once);
      }),
    );
  });

  test('what somebody else adds is no difference, in mappings and in lists of named items in any order', () => {
    const wanted = {
      spec: {
        replicas: 2,
        containers: [
          { name: 'a', image: 'a:1' },
          { name: 'b', image: 'b:1' },
        ],
      },
    };
    const live = {
      spec: {
        paused: false,
        replicas: 2,
        containers: [
          { name: 'sidecar', image: 's' },
          { name: 'b', image: 'b:1', ports: [] },
          { name: 'a', image: 'a:1' },
        ],
      },
      status: { replicas: 2 },
    };
    expect(differencesOf(wanted, live, 100)).toEqual([]);
  });
});

describe('differencesOf', () => {
  test('names the field, also in a list of named items, and what is gone', () => {
    const wanted = {
      spec: {
        replicas: 2,
        containers: [
          { name: 'a', image: 'a:1' },
          { name: 'b', image: 'b:1' },
        ],
        args: ['x', 'y'],
      },
    };
    const live = { spec: { containers: [{ name: 'a', image: 'a:2' }], args: ['x'] } };
    expect(differencesOf(wanted, live, 100)).toEqual([
      { path: 'spec.replicas', wanted: 2, live: undefined },
      { path: 'spec.containers[name=a].image', wanted: 'a:1', live: 'a:2' },
      { path: 'spec.containers[name=b]', wanted: { name: 'b', image: 'b:1' }, live: undefined },
      { path: 'spec.args[1]', wanted: 'y', live: undefined },
    ]);
  });
});

describe('withoutSecrets', () => {
  test('S-060 keeps the keys of a Secret and none of its values, wherever they stand', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"cGFzcw=="}}', keep: 'me' },
      },
      data: { a: 'cGFzcw==' },
      stringData: { b: 'pass' },
    };
    expect(withoutSecrets(secret)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', annotations: { keep: 'me' } },
      data: { a: HIDDEN, b: HIDDEN },
    });
    expect(JSON.stringify(withoutSecrets(secret))).not.toMatch(/cGFzcw|pass"/);
  });
});
