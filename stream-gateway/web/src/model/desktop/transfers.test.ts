// Files on their way over a gateway in memory: broken connections, pauses, conflicts.
import { expect, test, vi } from 'vitest';
import { createApi } from '../../api/client.ts';
import { PART_BYTES, type Transfer, Transfers } from './transfers.ts';

const SESSION = { namespace: 'team-web', name: 'one' };
const FILES = '/api/v1/namespaces/team-web/sessions/one/files';

interface Scripted {
  readonly transfers: Transfers;
  readonly asked: string[];
  readonly saved: { readonly name: string; readonly text: string }[];
  readonly uploaded: string[];
  readonly waits: number[];
  one(): Transfer | undefined;
}

type Answer = (request: {
  readonly method: string;
  readonly path: string;
  readonly init: RequestInit;
}) => Response | Promise<Response>;

function scripted(answer: Answer): Scripted {
  const asked: string[] = [];
  const saved: { name: string; text: string }[] = [];
  const uploaded: string[] = [];
  const waits: number[] = [];
  const api = createApi(async (path, init = {}) => {
    const method = init.method ?? 'GET';
    asked.push(`${method} ${path.replace(FILES, '')}`);
    return await answer({ method, path: path.replace(FILES, ''), init });
  });
  const transfers = new Transfers({
    ...{ api, session: SESSION },
    save: (content, name) => void content.text().then((text) => saved.push({ name, text })),
    wait: async (ms) => void waits.push(ms),
    onUploaded: (path) => uploaded.push(path),
  });
  return { transfers, asked, saved, uploaded, waits, one: () => transfers.current()[0] };
}

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });
const problem = (status: number, code: string): Response => json(status, { code, detail: `words of ${code}`, remedy: 'Do it.' });

/** A gateway that keeps one upload, as long as `fail` does not say otherwise. */
function keeping(
  fail: (method: string, path: string) => Response | undefined = () => undefined,
): Scripted & { offset: () => number } {
  let offset = 0;
  const here = scripted(async ({ method, path, init }) => {
    const failure = fail(method, path);
    if (failure !== undefined) return failure;
    if (path === '/uploads') return json(201, { id: 'u', path: '', bytes: 0, offset: 0 });
    if (path.startsWith('/uploads/u/commit')) return json(201, { path: 'x', bytes: offset, sha256: '', type: '' });
    if (method === 'DELETE') return new Response(null, { status: 204 });
    if (method === 'PUT' && init.body instanceof Blob) offset = Number(path.split('offset=')[1]) + init.body.size;
    return json(200, { id: 'u', path: '', bytes: 0, offset });
  });
  return { ...here, offset: () => offset };
}

test('a file goes in parts, is committed, and its folder is told', async () => {
  const here = keeping();
  here.transfers.upload(new File([new Uint8Array(PART_BYTES + 5)], 'big.bin'), 'Documents');
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  expect(here.asked).toEqual([
    'POST /uploads',
    'PUT /uploads/u?offset=0',
    `PUT /uploads/u?offset=${PART_BYTES}`,
    'POST /uploads/u/commit?overwrite=false',
  ]);
  expect(here.offset()).toBe(PART_BYTES + 5);
  expect(here.uploaded).toEqual(['Documents/big.bin']);
});

test('an empty file has no part', async () => {
  const here = keeping();
  here.transfers.upload(new File([], 'empty'), '');
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  expect(here.asked).toEqual(['POST /uploads', 'POST /uploads/u/commit?overwrite=false']);
});

test('a lost connection is caught up by itself from where the gateway has come to', async () => {
  let lost = 2;
  const here = keeping((method) => {
    if (method !== 'PUT' || lost === 0) return undefined;
    lost -= 1;
    throw new TypeError('network');
  });
  here.transfers.upload(new File(['hello'], 'a.txt'), '');
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  expect(here.waits).toEqual([500, 1000]);
  expect(here.asked.filter((each) => each.startsWith('GET'))).toHaveLength(2);
  expect(here.asked.filter((each) => each === 'POST /uploads')).toHaveLength(1);
});

test('what was refused is not tried again by itself, and says why', async () => {
  const here = keeping((_method, path) => (path.includes('commit') ? problem(403, 'FileInfected') : undefined));
  here.transfers.upload(new File(['x'], 'a.txt'), '');
  await vi.waitFor(() => expect(here.one()?.state).toBe('failed'));
  expect(here.one()?.error).toMatchObject({ code: 'FileInfected', message: 'words of FileInfected' });
  expect(here.waits).toEqual([]);
});

test('an upload that the gateway has forgotten begins again', async () => {
  let forgotten = true;
  const here = keeping((method) => {
    if (!forgotten || method === 'POST') return undefined;
    if (method === 'GET') forgotten = false;
    return problem(404, 'UploadNotFound');
  });
  here.transfers.upload(new File(['hello'], 'a.txt'), '');
  await vi.waitFor(() => expect(here.one()?.state).toBe('failed'));
  here.transfers.resume(1);
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  expect(here.asked.filter((each) => each === 'POST /uploads')).toHaveLength(2);
});

test('a duplicate waits for the person, and goes on without sending the bytes again', async () => {
  const here = keeping((_method, path) => (path.endsWith('overwrite=false') ? problem(409, 'FileExists') : undefined));
  here.transfers.upload(new File(['x'], 'a.txt'), '');
  await vi.waitFor(() => expect(here.one()?.state).toBe('exists'));
  const sent = here.asked.filter((each) => each.startsWith('PUT')).length;
  here.transfers.resume(here.one()?.id ?? 0, { overwrite: true });
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  expect(here.asked.filter((each) => each.startsWith('PUT'))).toHaveLength(sent);
  expect(here.asked.at(-1)).toBe('POST /uploads/u/commit?overwrite=true');
});

test('a pause stops the part on its way, resuming goes on, and cancelling tells the gateway', async () => {
  let hang = true;
  const here = keeping((method) => {
    if (method !== 'PUT' || !hang) return undefined;
    here.transfers.pause(1);
    throw new DOMException('aborted', 'AbortError');
  });
  here.transfers.upload(new File(['hello'], 'a.txt'), '');
  await vi.waitFor(() => expect(here.one()?.state).toBe('paused'));
  hang = false;
  here.transfers.resume(1);
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  here.transfers.upload(new File(['x'], 'b.txt'), '');
  here.transfers.pause(2);
  await vi.waitFor(() => expect(here.asked).toContain('POST /uploads'));
  here.transfers.remove(2);
  expect(here.transfers.current().map(({ id }) => id)).toEqual([1]);
});

test('a download that breaks goes on with a range of the same version, and is saved whole', async () => {
  let first = true;
  const here = scripted(({ init }) => {
    const range = new Headers(init.headers).get('range');
    if (!first) {
      expect(range).toBe('bytes=3-');
      expect(new Headers(init.headers).get('if-range')).toBe('"v1"');
      return new Response('def', { status: 206, headers: { etag: '"v1"' } });
    }
    first = false;
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        if (pulls === 1) controller.enqueue(new TextEncoder().encode('abc'));
        else controller.error(new TypeError('network'));
      },
    });
    return new Response(body, { headers: { etag: '"v1"' } });
  });
  here.transfers.download({ name: 'a.txt', kind: 'File', bytes: 6 }, 'a.txt');
  await vi.waitFor(() => expect(here.one()?.state).toBe('done'));
  await vi.waitFor(() => expect(here.saved).toEqual([{ name: 'a.txt', text: 'abcdef' }]));
});

test('a download of another version begins again', async () => {
  let count = 0;
  const here = scripted(() => {
    count += 1;
    if (count === 2) return new Response('xyz', { headers: { etag: '"v2"' } });
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        if (pulls === 1) controller.enqueue(new TextEncoder().encode('abc'));
        else controller.error(new TypeError('network'));
      },
    });
    return new Response(body, { headers: { etag: '"v1"' } });
  });
  here.transfers.download({ name: 'dir', kind: 'Folder', bytes: 0 }, 'dir');
  await vi.waitFor(() => expect(here.saved).toEqual([{ name: 'dir.tar', text: 'xyz' }]));
  expect(here.asked).toEqual(['GET /archive?path=dir', 'GET /archive?path=dir']);
});
