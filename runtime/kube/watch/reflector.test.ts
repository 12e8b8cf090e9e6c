import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createKubeClient } from '../client.ts';
import { RESOURCES } from '../resources.ts';
import type { KubeObjectJson, ReflectorEvent } from '../types.ts';
import { type ReflectorTimings, startReflector } from './reflector.ts';
import { answerJson, answerStatus, type ScriptedServer, scriptedServer } from './scripted-server.ts';

const FAST: Partial<ReflectorTimings> = { backoff: { firstMs: 1, maxMs: 5 }, graceMs: 10, silenceMs: 50 };

interface Step {
  readonly list?: Readonly<Record<string, number>>;
  readonly watch?: (response: ServerResponse) => void;
}

/** Serves one list after another; each watch does what stands beside its list. The last step stays. */
async function world(
  steps: readonly Step[],
  timings: Partial<ReflectorTimings> = {},
  keep?: (object: KubeObjectJson) => KubeObjectJson,
) {
  let step = -1;
  const server: ScriptedServer = await scriptedServer((response, { url }) => {
    if (url.includes('watch=true')) {
      response.writeHead(200);
      response.flushHeaders();
      steps[step]?.watch?.(response);
      return;
    }
    step = Math.min(step + 1, steps.length - 1);
    const { list } = steps[step] ?? {};
    if (list === undefined) answerStatus(response, 500, 'InternalError');
    else answerJson(response, { metadata: { resourceVersion: `${step}00` }, items: Object.entries(list).map(pod) });
  });
  const client = createKubeClient({ kubeconfig: server.kubeconfig });
  const stop = new AbortController();
  const seen: string[] = [];
  const errors: unknown[] = [];
  let wake = (): void => undefined;
  const reflector = startReflector<KubeObjectJson>(
    {
      client,
      resource: RESOURCES.pods,
      signal: stop.signal,
      ...(keep === undefined ? {} : { keep }),
      onEvent: (event: ReflectorEvent<KubeObjectJson>) => {
        seen.push(event.type === 'synced' ? 'synced' : `${event.type} ${event.object.metadata.name}`);
        wake();
      },
      onError: (error) => errors.push(error),
    },
    { ...FAST, ...timings },
  );
  return {
    reflector,
    seen,
    errors,
    requests: server.requests,
    async until(count: number): Promise<void> {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await reflector.ended;
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function pod([name, version]: readonly [string, number]) {
  return { metadata: { name, namespace: 'a', uid: `${name}-uid`, resourceVersion: String(version) } };
}
const frame = (type: string, name: string, version: number) => `${JSON.stringify({ type, object: pod([name, version]) })}\n`;

test('a list and the events after it make the store', async () => {
  await using given = await world([
    {
      list: { one: 1, two: 2 },
      watch: (response) => {
        response.write(frame('ADDED', 'three', 3));
        // Cut in the middle of a line, as networks do.
        const change = frame('MODIFIED', 'one', 4);
        response.write(change.slice(0, 20));
        setImmediate(() => response.write(change.slice(20) + frame('DELETED', 'two', 5)));
      },
    },
  ]);
  await given.until(6);
  expect(given.seen).toEqual(['added one', 'added two', 'synced', 'added three', 'changed one', 'deleted two']);
  expect([...given.reflector.store.keys()]).toEqual(['a/one', 'a/three']);
  expect(given.reflector.store.get('a/one')?.kind).toBe('Pod');
  expect(given.reflector.resourceVersion).toBe('5');
});

test.each<[string, (response: ServerResponse) => void]>([
  [
    'an expired cursor',
    (response) => void response.end('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'),
  ],
  ['an error frame', (response) => void response.end('{"type":"ERROR","object":{"kind":"Status","code":500}}\n')],
  ['a line that is no JSON', (response) => void response.end('<html>\n')],
  ['a frame without an object', (response) => void response.end('{"type":"ERROR","object":{}}\n')],
])('S-089 after %s it lists again, and what is gone is told as deleted', async (_what, watch) => {
  await using given = await world([{ list: { one: 1, two: 2 }, watch }, { list: { two: 2, three: 3 } }]);
  await given.until(6);
  expect(given.seen.slice(3)).toEqual(['deleted one', 'added three', 'synced']);
});

test('an object that was deleted and made again between two lists is told as both', async () => {
  await using given = await world([
    { list: { one: 1 }, watch: (response) => void response.end('<\n') },
    { list: {}, watch: (response) => void response.end('<\n') },
    { list: { one: 9 } },
  ]);
  await given.until(6);
  expect(given.seen).toEqual(['added one', 'synced', 'deleted one', 'synced', 'added one', 'synced']);
});

test.each([
  [410, 'Expired'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
])(
  'S-089 a watch that is refused with HTTP %i is followed by a list, and what is gone is told as deleted',
  async (code, reason) => {
    let lists = 0;
    let watches = 0;
    const server = await scriptedServer((response, { url }) => {
      if (!url.includes('watch=true')) {
        lists += 1;
        const items = lists === 1 ? { one: 1, two: 2 } : { two: 2 };
        answerJson(response, { metadata: { resourceVersion: `${lists}00` }, items: Object.entries(items).map(pod) });
        return;
      }
      watches += 1;
      if (watches === 1) answerStatus(response, code, reason);
      else response.writeHead(200).flushHeaders();
    });
    const client = createKubeClient({ kubeconfig: server.kubeconfig });
    const stop = new AbortController();
    const seen: string[] = [];
    const second = Promise.withResolvers<void>();
    const reflector = startReflector<KubeObjectJson>(
      {
        client,
        resource: RESOURCES.pods,
        signal: stop.signal,
        onEvent: (event) => {
          seen.push(event.type === 'synced' ? 'synced' : `${event.type} ${event.object.metadata.name}`);
          if (seen.filter((each) => each === 'synced').length === 2) second.resolve();
        },
      },
      FAST,
    );
    await second.promise;
    expect(seen).toEqual(['added one', 'added two', 'synced', 'deleted one', 'synced']);
    stop.abort(new Error('the test is over'));
    await reflector.ended;
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  },
);

test('S-089 what is kept of an object is enough to tell what is new and what is gone', async () => {
  await using given = await world(
    [{ list: { one: 1, two: 2 }, watch: (response) => void response.end('<\n') }, { list: { two: 3 } }],
    {},
    (whole) => ({
      ...whole,
      metadata: {
        name: whole.metadata.name,
        namespace: 'a',
        uid: whole.metadata.uid ?? '',
        resourceVersion: whole.metadata.resourceVersion ?? '',
      },
    }),
  );
  await given.until(6);
  expect(given.seen.slice(3)).toEqual(['deleted one', 'changed two', 'synced']);
});

test('a list that fails is tried again until it works', async () => {
  await using given = await world([{}, {}, { list: { one: 1 } }]);
  await given.reflector.synced;
  expect(given.seen).toEqual(['added one', 'synced']);
  expect(given.errors).toMatchObject([{ statusCode: 500 }, { statusCode: 500 }]);
});

test('a cut connection goes on from the last cursor without a new list', async () => {
  let watches = 0;
  await using given = await world([
    {
      list: { one: 1 },
      watch: (response) => {
        watches += 1;
        if (watches === 1) response.write(frame('MODIFIED', 'one', 42), () => response.destroy());
        else response.write(frame('ADDED', 'two', 43));
      },
    },
  ]);
  await given.until(4);
  expect(given.seen).toEqual(['added one', 'synced', 'changed one', 'added two']);
  expect(given.requests.filter(({ url }) => !url.includes('watch=true'))).toHaveLength(1);
  expect(given.requests.at(-1)?.url).toContain('resourceVersion=42');
});

test('G-33 a watch that breaks again and again is not as good as one that tells something', async () => {
  await using given = await world([{ list: { one: 1 }, watch: (response) => void response.destroy() }]);
  await given.until(2);
  const at = performance.now();
  await expect.poll(() => given.requests.length).toBeGreaterThan(6);
  expect(given.reflector.ageMs()).toBeGreaterThanOrEqual(performance.now() - at - 1);
});

test('S-089 a watch that goes silent though bookmarks were seen is given up, with a new list', async () => {
  await using given = await world([
    { list: { one: 1 }, watch: (response) => void response.write(frame('BOOKMARK', '', 7)) },
    { list: {} },
  ]);
  await given.until(4);
  expect(given.seen).toEqual(['added one', 'synced', 'deleted one', 'synced']);
  expect(String(given.errors[0])).toContain('went silent');
});

test('S-089 a watch that outlives its own end, as on a half-open socket, is given up', async () => {
  await using given = await world([{ list: { one: 1 } }, { list: {} }], { watchSeconds: [0, 0] });
  await given.until(4);
  expect(given.seen.slice(2)).toEqual(['deleted one', 'synced']);
});

test('it ends by its signal, also while the server does not answer, and says no more', async () => {
  const server = await scriptedServer(() => undefined);
  const client = createKubeClient({ kubeconfig: server.kubeconfig });
  const stop = new AbortController();
  const errors: unknown[] = [];
  const reflector = startReflector({
    client,
    resource: RESOURCES.pods,
    signal: stop.signal,
    onEvent: () => undefined,
    onError: (error) => errors.push(error),
  });
  stop.abort(new Error('enough'));
  await reflector.ended;
  await expect(reflector.synced).rejects.toThrow('enough');
  expect(errors).toEqual([]);
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
