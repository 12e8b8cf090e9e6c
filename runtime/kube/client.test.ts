import { describe, expect, test } from 'vitest';
import { createKubeClient } from './client.ts';
import { KubeStatusError } from './kube-status-error.ts';
import { RESOURCES } from './resources.ts';
import { type Answer, answerJson, answerStatus, scriptedServer } from './watch/scripted-server.ts';

async function world(answer: Answer, user?: Readonly<Record<string, unknown>>) {
  const server = await scriptedServer(answer, user);
  const client = createKubeClient({ kubeconfig: server.kubeconfig });
  return {
    client,
    requests: server.requests,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('requests', () => {
  test('an applied body goes over the wire byte for byte, strictly validated', async () => {
    await using given = await world((response) => answerJson(response, { kind: 'ConfigMap' }));
    const body = '{"apiVersion":"v1", "kind":"ConfigMap","big":12345678901234567890}';
    await given.client.apply(RESOURCES.configMaps, 'a', 'b', body, { fieldManager: 'me', force: true, dryRun: true });
    expect(given.requests[0]).toMatchObject({
      method: 'PATCH',
      url: '/api/v1/namespaces/a/configmaps/b?fieldManager=me&force=true&fieldValidation=Strict&dryRun=All',
      body,
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
  });

  test('impersonation carries user and groups as UTF-8, and an empty user is refused', async () => {
    await using given = await world((response) => answerJson(response, {}));
    await given.client.as({ user: 'jürgen', groups: ['a', 'b'] }).json({ method: 'GET', path: '/version' });
    const { headers } = given.requests[0] ?? {};
    expect(Buffer.from(String(headers?.['impersonate-user']), 'latin1').toString('utf8')).toBe('jürgen');
    expect(headers?.['impersonate-group']).toBe('a, b');
    expect(() => given.client.as({ user: ' ' })).toThrow(RangeError);
  });

  test('a guarded client asks before each write as it leaves, again after a pause that was asked for, and never before a read', async () => {
    let busy = 1;
    await using given = await world((response) => {
      busy -= 1;
      if (busy === 0) answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '0' });
      else answerJson(response, {});
    });
    let left = 2;
    const guarded = given.client.as({ user: 'u' }).guarded(() => {
      if (left === 0) throw new Error('the lease is lost');
      left -= 1;
    });
    const write = async () => await guarded.create(RESOURCES.configMaps, 'a', '{}');
    await write();
    expect([left, given.requests.length]).toEqual([0, 2]);
    await expect(write()).rejects.toThrow('the lease is lost');
    await guarded.as({ user: 'v' }).json({ method: 'GET', path: '/version' });
    await expect(guarded.as({ user: 'v' }).delete(RESOURCES.configMaps, 'a', 'b')).rejects.toThrow('the lease is lost');
    expect(given.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
  });

  test('a name cannot leave its place in the path', async () => {
    await using given = await world((response) => answerJson(response, {}));
    await given.client.get(RESOURCES.pods, 'a', 'x/../y?watch=1');
    expect(given.requests[0]?.url).toBe('/api/v1/namespaces/a/pods/x%2F..%2Fy%3Fwatch%3D1');
    await expect(given.client.get(RESOURCES.pods, 'a', '..')).rejects.toThrow(RangeError);
  });

  test('a deletion carries its UID precondition, and an object that is gone counts as deleted', async () => {
    await using given = await world((response) => answerStatus(response, 404, 'NotFound'));
    await given.client.delete(RESOURCES.pods, 'a', 'b', { uid: 'u', propagation: 'Foreground' });
    expect(JSON.parse(given.requests[0]?.body ?? '')).toMatchObject({
      preconditions: { uid: 'u' },
      propagationPolicy: 'Foreground',
    });
  });
});

describe('failures', () => {
  test('a refusal comes with status, reason and the fields that are wrong', async () => {
    await using given = await world((response) =>
      answerJson(
        response,
        {
          kind: 'Status',
          reason: 'Invalid',
          message: 'no',
          details: { causes: [{ field: 'spec.image', reason: 'FieldValueRequired', message: 'Required value' }] },
        },
        422,
      ),
    );
    const error = await failure(given.client.get(RESOURCES.pods, 'a', 'b'));
    expect(error).toBeInstanceOf(KubeStatusError);
    expect(error).toMatchObject({ statusCode: 422, reason: 'Invalid', causes: [{ field: 'spec.image' }] });
  });

  test('a short 429 is waited out; a long one is handed over with its time', async () => {
    await using short = await world((response) =>
      short.requests.length === 1
        ? answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '0' })
        : answerJson(response, { ok: 1 }),
    );
    expect(await short.client.json({ method: 'GET', path: '/x' })).toEqual({ ok: 1 });
    await using long = await world((response) => answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '60' }));
    expect(await failure(long.client.json({ method: 'GET', path: '/x' }))).toMatchObject({
      statusCode: 429,
      retryAfterMs: 60_000,
    });
    expect(long.requests).toHaveLength(1);
  });

  test('no answer, a cut answer and a late answer are ClusterUnreachable', async () => {
    await using cut = await world((response) => response.destroy());
    await using late = await world(() => undefined);
    const closed = await scriptedServer(() => undefined);
    const refused = createKubeClient({ kubeconfig: closed.kubeconfig });
    await failure(refused.json({ method: 'GET', path: '/x', timeoutMs: 20 })); // the kubeconfig is read by now
    await closed[Symbol.asyncDispose]();
    expect(await failure(cut.client.create(RESOURCES.pods, 'a', '{}'))).toMatchObject({ code: 'ClusterUnreachable' });
    expect(await failure(refused.json({ method: 'GET', path: '/x' }))).toMatchObject({ code: 'ClusterUnreachable' });
    expect(await failure(late.client.json({ method: 'GET', path: '/x', timeoutMs: 50 }))).toMatchObject({
      code: 'ClusterUnreachable',
      message: expect.stringContaining('0.05 s'),
    });
  });

  test('a kept connection that broke is tried once more for a read, never for a create', async () => {
    await using given = await world((response, { method }) =>
      given.requests.length === 1 || method === 'POST' ? response.destroy() : answerJson(response, { ok: 1 }),
    );
    expect(await given.client.json({ method: 'GET', path: '/x' })).toEqual({ ok: 1 });
    expect(await failure(given.client.create(RESOURCES.pods, 'a', '{}'))).toMatchObject({ code: 'ClusterUnreachable' });
    expect(given.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST']);
  });

  test('aborting rejects with the reason of the signal', async () => {
    await using given = await world(() => controller.abort(reason));
    const controller = new AbortController();
    const reason = new Error('stop now');
    expect(await failure(given.client.get(RESOURCES.pods, 'a', 'b', { signal: controller.signal }))).toBe(reason);
  });
});

describe('lists', () => {
  const page = (names: readonly string[], cursor?: string) => ({
    metadata: { resourceVersion: '7', ...(cursor === undefined ? {} : { continue: cursor }) },
    items: names.map((name) => ({ metadata: { name } })),
  });

  test('all pages are joined, and each item says its kind', async () => {
    await using given = await world((response, { url }) =>
      answerJson(response, url.includes('continue=next') ? page(['b']) : page(['a'], 'next')),
    );
    const { items, resourceVersion } = await given.client.list(RESOURCES.pods, { labelSelector: 'a=b' });
    expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Pod a', 'Pod b']);
    expect(resourceVersion).toBe('7');
    expect(given.requests[0]?.url).toContain('limit=500');
  });

  test('metadata alone comes without managed fields, a whole object with them', async () => {
    const metadata = { name: 'a', labels: { a: 'b' }, managedFields: [{ manager: 'kubectl' }] };
    await using given = await world((response) => answerJson(response, { metadata: {}, items: [{ metadata }] }));
    const { managedFields, ...rest } = metadata;
    expect((await given.client.list(RESOURCES.pods, { metadataOnly: true })).items[0]?.metadata).toEqual(rest);
    expect((await given.client.list(RESOURCES.pods)).items[0]?.metadata).toEqual({ ...rest, managedFields });
  });

  test('a cursor that expires starts the list over, and the third time asks for all at once', async () => {
    await using given = await world((response, { url }) => {
      if (url.includes('continue=')) answerStatus(response, 410, 'Expired');
      else answerJson(response, url.includes('limit=') ? page(['a'], 'next') : page(['a', 'b']));
    });
    expect((await given.client.list(RESOURCES.pods)).items).toHaveLength(2);
    expect(given.requests).toHaveLength(5);
  });
});

test('a kubeconfig that cannot be read rejects the first request with its path', async () => {
  const client = createKubeClient({ kubeconfig: '/nonexistent' });
  expect(await failure(client.json({ method: 'GET', path: '/x' }))).toMatchObject({
    code: 'SettingInvalid',
    message: expect.stringContaining('/nonexistent'),
  });
});
