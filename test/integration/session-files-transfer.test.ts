// Files up and down through the whole: resumed, as folders, by rights and rules that change, and where the gateway may exec.
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createExec } from '../../runtime/kube/exec/exec.ts';
import { auditOf } from '../support/audit.ts';
import { FilesApi } from '../support/files-api.ts';
import { type FilesWorld, filesWorld } from '../support/files-world.ts';

const servers = inject('servers');
const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

let here: FilesWorld;

beforeAll(async () => {
  here = await filesWorld(servers);
}, 120_000);

afterAll(async () => {
  await here?.[Symbol.asyncDispose]();
});

test('an upload goes on after a broken connection, parts may come twice, and it is in the home at once or not at all', async () => {
  const content = randomBytes(5 * 1024 * 1024);
  const { body } = await here.files.begin('big.bin', content.length);
  expect((await here.files.part(body.id, 0, content.subarray(0, 1_000_000))).status).toBe(200);
  await here.files.brokenPart(body.id, 1_000_000, content.subarray(1_000_000, 1_700_000), 4_000_000);
  const { offset } = (await here.files.progress(body.id)).body;
  expect(offset).toBe(1_700_000);
  expect(await here.files.part(body.id, 2_000_000, content.subarray(2_000_000, 2_100_000))).toMatchObject({
    status: 409,
    code: 'UploadOffsetWrong',
  });
  expect((await here.files.commit(body.id)).body).toMatchObject({ code: 'UploadIncomplete' });
  expect(await here.run('ls ~/big.bin 2>/dev/null; true')).toBe('');
  for (let at = 1_500_000; at < content.length; at += 1_000_000)
    expect((await here.files.part(body.id, at, content.subarray(at, at + 1_200_000))).status).toBe(200);
  const done = await here.files.commit(body.id);
  expect(done).toMatchObject({ status: 201, body: { path: 'big.bin', bytes: content.length, sha256: sha256(content) } });
  expect(await here.files.commit(body.id)).toMatchObject({ status: 201, body: done.body });
  expect(await here.run('sha256sum <~/big.bin')).toContain(sha256(content));
  expect(await here.run('ls -A ~ | grep part; true')).toBe('');
  expect(await readdir(join(here.gateway.spoolDir, 'files'))).toEqual([]);
});

test('a download can be resumed where it was cut off, and says what it is to nobody who would open it', async () => {
  const content = randomBytes(1_000_000);
  expect((await here.files.upload('down load "ü".bin', { content })).status).toBe(201);
  const whole = await here.files.download('down load "ü".bin');
  expect([whole.status, whole.bytes.equals(content)]).toEqual([200, true]);
  expect(whole.headers.get('content-type')).toBe('application/octet-stream');
  expect(whole.headers.get('content-disposition')).toBe(
    `attachment; filename="down load ___.bin"; filename*=UTF-8''down%20load%20%22%C3%BC%22.bin`,
  );
  const ifRange = whole.headers.get('etag') ?? '';
  const rest = await here.files.download('down load "ü".bin', { range: 'bytes=400000-', 'if-range': ifRange });
  expect([rest.status, rest.bytes.equals(content.subarray(400_000))]).toEqual([206, true]);
  expect(rest.headers.get('content-range')).toBe('bytes 400000-999999/1000000');
  const other = await here.files.download('down load "ü".bin', { range: 'bytes=400000-', 'if-range': '"other"' });
  expect([other.status, other.bytes.equals(content)]).toEqual([200, true]);
  expect(await auditOf(servers, whole.requestId)).toMatchObject([
    { type: 'files.downloaded', result: 'success', details: { direction: 'down', bytes: 1_000_000, sha256: sha256(content) } },
  ]);
});

test('a folder comes as an archive of what was judged: no links, nothing from outside, and no file that may not pass', async () => {
  await here.run(
    'mkdir -p ~/folder/deep "$HOME/folder/empty"; cd ~/folder; echo one >one; echo two >deep/two; ln -s /etc/passwd passwd; ln -s /etc etc; mkfifo pipe',
  );
  const { status, bytes, headers, requestId } = await here.files.archive('folder');
  expect([status, headers.get('content-type')]).toEqual([200, 'application/x-tar']);
  expect(await entriesOf(bytes)).toEqual({
    'folder/deep': null,
    'folder/deep/two': 'two\n',
    'folder/empty': null,
    'folder/one': 'one\n',
  });
  expect(await auditOf(servers, requestId)).toMatchObject([
    { type: 'files.downloaded', details: { name: 'folder', files: 2, bytes: 8 } },
  ]);
  await using _policy = await here.withPolicy({ denyTypes: ['text/x-shellscript'] });
  await here.run("printf '#!/bin/sh\\nid\\n' >~/folder/deep/run");
  const denied = await here.files.archive('folder');
  expect(JSON.parse(denied.bytes.toString())).toMatchObject({ code: 'FileTypeDenied' });
  expect(await auditOf(servers, denied.requestId)).toMatchObject([
    { type: 'files.denied', details: { name: 'folder/deep/run' } },
  ]);
});

async function entriesOf(archive: Buffer): Promise<Readonly<Record<string, string | null>>> {
  const reader = extract();
  reader.end(archive);
  const entries: Record<string, string | null> = {};
  for await (const part of reader) {
    let text = '';
    for await (const chunk of part) text += String(chunk);
    entries[part.header.name.replace(/\/$/, '')] = part.header.type === 'directory' ? null : text;
  }
  return entries;
}

test('what is no file of the home is not downloaded', async () => {
  await here.run('mkdir -p ~/inside; ln -sfn /tmp ~/out; ln -sfn /etc/passwd ~/passwd; mkfifo ~/pipe 2>/dev/null; true');
  const codeOf = async (path: string) =>
    (JSON.parse((await here.files.download(path)).bytes.toString()) as { readonly code: string }).code;
  expect(await codeOf('passwd')).toBe('FileKindWrong');
  expect(await codeOf('pipe')).toBe('FileKindWrong');
  expect(await codeOf('inside')).toBe('FileKindWrong');
  expect(await codeOf('out/.X11-unix')).toBe('FilePathOutside');
  expect(await codeOf('nowhere/file')).toBe('FileNotFound');
  expect(await codeOf('../../etc/passwd')).toBe('FilePathInvalid');
});

test('a listing shows folders first, kinds, sizes, and no name of ours; a folder is made once', async () => {
  expect((await here.files.makeFolder('new folder')).status).toBe(204);
  expect((await here.files.makeFolder('new folder')).body).toMatchObject({ code: 'FileExists' });
  await here.run(
    `cd ~/"new folder"; mkdir z; echo hello >a; ln -s a l; touch .streamspace-${'0'.repeat(32)}.part "$(printf 'bad\\377')"`,
  );
  const { body } = await here.files.list('new folder');
  expect(body.items.map(({ name, kind, bytes }) => [name, kind, kind === 'File' ? bytes : null])).toEqual([
    ['z', 'Folder', null],
    ['a', 'File', 6],
    ['l', 'Link', null],
  ]);
  expect((await here.files.list('out')).body).toMatchObject({ code: 'FilePathOutside' });
});

test('a policy that is changed is in force with the next part, and a download that is not allowed names it', async () => {
  await using policy = await here.withPolicy({ up: true, down: true });
  const { body } = await here.files.begin('revoked.txt', 10);
  expect((await here.files.part(body.id, 0, Buffer.from('01234'))).status).toBe(200);
  await policy.change({ up: false, down: false });
  expect(await here.files.part(body.id, 5, Buffer.from('56789'))).toMatchObject({ status: 403, code: 'FileUploadOff' });
  expect((await here.files.commit(body.id)).body).toMatchObject({ code: 'UploadNotFound' });
  const download = await here.files.download('clean.txt');
  expect(JSON.parse(download.bytes.toString())).toMatchObject({
    code: 'FileDownloadOff',
    detail: `downloads from this session are off: policy ${policy.policy}`,
  });
  expect(await auditOf(servers, download.requestId)).toMatchObject([
    { type: 'files.denied', details: { rule: 'down', policy: policy.policy } },
  ]);
  expect((await here.files.list()).body).toMatchObject({ code: 'FileDownloadOff' });
  expect((await here.files.makeFolder('revoked')).body).toMatchObject({ code: 'FileUploadOff' });
});

test('who only looks on gets no files, and an upload is its own person’s', async () => {
  const viewer = new FilesApi(here.gateway.servers, 'viewer', here.name);
  expect((await viewer.list()).body).toMatchObject({ code: 'Forbidden' });
  expect((await viewer.begin('x', 1)).status).toBe(403);
  expect((await viewer.download('clean.txt')).status).toBe(403);
  const { body } = await here.files.begin('mine.txt', 3);
  const lead = new FilesApi(here.gateway.servers, 'lead', here.name); // may control every session of the team
  expect((await lead.progress(body.id)).body).toMatchObject({ code: 'UploadNotFound' });
  expect((await here.files.cancel(body.id)).status).toBe(204);
});

test('the gateway runs commands in the desktops of teams only, whatever RBAC would let it do', async () => {
  const exec = createExec(here.gateway.kubeconfig);
  const attempt = (namespace: string, container: string) =>
    exec({
      ...{ namespace, container, pod: `${here.name}-0`, command: ['true'], onOutput: () => undefined },
      signal: new AbortController().signal,
    });
  await expect(attempt('team-web', 'desktop')).resolves.toMatchObject({ exitCode: 0 });
  await expect(attempt('team-web', 'other')).rejects.toThrow(/gateway-exec/);
  await expect(attempt('default', 'desktop')).rejects.toThrow(/gateway-exec/);
});
