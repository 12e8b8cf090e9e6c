// Files through the whole: a gateway, the API server, a container in its pod, and a real clamd.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { createExec } from '../../runtime/kube/exec.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Session } from '../../schemas/kinds/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { apiAs, runningSession, untilPhase } from '../support/api.ts';
import { auditOf } from '../support/audit.ts';
import { type Clamd, EICAR, prepareClamd } from '../support/clamd.ts';
import { must } from '../support/command.ts';
import { inDesktop } from '../support/desktop.ts';
import { FilesApi } from '../support/files-api.ts';
import { type OwnGateway, ownGateway } from '../support/own-gateway.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAME = `files-${randomUUID().slice(0, 6)}`;
const PNG = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300010000050001',
  'hex',
);
const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const run = (script: string): Promise<string> => inDesktop(servers, NAME, script);

let client: OwnedKubeClient;
let clamd: Clamd;
let gateway: OwnGateway;
let session: AsyncDisposable;
let files: FilesApi;

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  clamd = await prepareClamd();
  await clamd.start();
  gateway = await ownGateway(servers, [`--clamd=unix:${clamd.path}`]);
  session = await runningSession(servers, NAME, 'member');
  files = new FilesApi(gateway.servers, 'member', NAME);
}, 120_000);

afterAll(async () => {
  await session?.[Symbol.asyncDispose]();
  await gateway?.[Symbol.asyncDispose]();
  await clamd?.[Symbol.asyncDispose]();
  await client?.[Symbol.asyncDispose]();
});

/** For this session alone; in force when it resolves, and gone again when it is disposed. */
async function withPolicy(
  rules: object,
  name = NAME,
): Promise<AsyncDisposable & { readonly policy: string; change(rules: object): Promise<void> }> {
  const own = `${name}-${randomUUID().slice(0, 6)}`;
  const spec = { targets: { cel: `session.metadata.name == "${name}"` }, files: rules };
  const body = { apiVersion: API_GROUP_VERSION, kind: 'DlpPolicy', metadata: { name: own, namespace: 'team-web' }, spec };
  await client.create(RESOURCES.dlpPolicies, 'team-web', JSON.stringify(body));
  const inForce = (generation: number | undefined) =>
    eventually(`policy ${own} is in force`, async () => {
      const { status } = await client.get<Session>(RESOURCES.sessions, 'team-web', name);
      return status?.effectivePolicy?.policies.find((each) => each.name === own)?.generation === generation;
    });
  await inForce(1);
  return {
    policy: `team-web/${own}`,
    change: async (changes) => {
      await client.mergePatch(RESOURCES.dlpPolicies, 'team-web', own, { spec: { files: changes } });
      await inForce(2);
    },
    [Symbol.asyncDispose]: async () => {
      await client.delete(RESOURCES.dlpPolicies, 'team-web', own);
      await inForce(undefined);
    },
  };
}

/** Every file that the desktop could have written since, outside of its home. */
async function writtenOutside(): Promise<string> {
  return await run(
    'find / -xdev -newer ~/.marker -type f -not -path "/proc/*" -not -path "/home/user/*" -not -path "/tmp/.streamspace/*" 2>/dev/null; ls -A /tmp | grep -v "^\\."; true',
  );
}

describe('G-34 an upload', () => {
  beforeAll(async () => {
    await run('touch ~/.marker; mkdir -p ~/inside; ln -sfn /tmp ~/out; ln -sfn ~/inside ~/in; ln -sfn /tmp/target ~/link.txt');
  });

  test.each([
    ['../x', 'a name above'],
    ['inside/../../../tmp/x', 'a name above, further on'],
    ['/tmp/x', 'an absolute path'],
    ['inside/x\0.txt', 'NUL'],
    ['n'.repeat(256), '256 bytes'],
    ['inside/./x', 'a dot'],
    ['x\ny', 'a line break'],
  ])('G-34 named %j (%s) is refused before a byte is taken', async (path) => {
    const { status, body } = await files.upload(path, { content: 'evil' });
    expect([status, body['code']]).toEqual([400, 'FilePathInvalid']);
    expect(await writtenOutside()).toBe('');
  });

  test('G-34 named with 255 bytes is taken', async () => {
    const name = `${'ü'.repeat(125)}.text`;
    expect(Buffer.byteLength(name)).toBe(255);
    expect(await files.upload(name, { content: 'long' })).toMatchObject({
      status: 201,
      body: { path: name, bytes: 4, type: 'text/plain' },
    });
    expect(await run(`cat ~/"${name}"`)).toBe('long');
  });

  test('G-34 through a symbolic link goes where the link leads inside of the home, and nowhere else', async () => {
    const out = await files.upload('out/x', { content: 'evil' });
    expect([out.status, out.body['code']]).toEqual([403, 'FilePathOutside']);
    expect((await files.upload('in/x', { content: 'good' })).status).toBe(201);
    expect(await run('cat ~/inside/x')).toBe('good');
    const onto = await files.upload('link.txt', { content: 'evil' });
    expect([onto.status, onto.body['code']]).toEqual([409, 'FileExists']);
    expect((await files.upload('link.txt', { content: 'mine', overwrite: true })).status).toBe(201);
    expect(await run('test -L ~/link.txt || cat ~/link.txt')).toBe('mine');
    expect(await writtenOutside()).toBe('');
  });

  test('G-34 of a duplicate name is a conflict, unless it says overwrite', async () => {
    expect((await files.upload('twice.txt', { content: 'first' })).status).toBe(201);
    const second = await files.upload('twice.txt', { content: 'second' });
    expect([second.status, second.body['code']]).toEqual([409, 'FileExists']);
    expect(await run('cat ~/twice.txt')).toBe('first');
    expect((await files.upload('twice.txt', { content: 'third', overwrite: true })).status).toBe(201);
    expect(await run('cat ~/twice.txt')).toBe('third');
    expect((await files.upload('inside', { content: 'x', overwrite: true })).body['code']).toBe('FileKindWrong');
  });

  test('G-34 with a false media type is refused for that', async () => {
    const png = await files.upload('text.png', { content: 'only text', type: 'image/png' });
    expect([png.status, png.body['code']]).toEqual([400, 'FileTypeFalse']);
    const text = await files.upload('picture.txt', { content: PNG, type: 'text/plain' });
    expect([text.status, text.body['code']]).toEqual([400, 'FileTypeFalse']);
    expect((await files.upload('picture.png', { content: PNG, type: 'image/png' })).body).toMatchObject({ type: 'image/png' });
  });

  test('G-34 of the EICAR test file does not pass where a scan is required, nor does anything while the scanner is away', async () => {
    await using required = await withPolicy({ scan: 'Required' });
    const begun = await files.begin('eicar.com', EICAR.length);
    await files.part(begun.body.id, 0, Buffer.from(EICAR, 'latin1'));
    const found = await files.raw(`/uploads/${begun.body.id}/commit`, { method: 'POST' });
    expect(found.status).toBe(403);
    expect(JSON.parse(found.bytes.toString())).toMatchObject({
      code: 'FileInfected',
      detail: `the virus scanner found Eicar.Test.UNOFFICIAL: policy ${required.policy}`,
    });
    expect(await auditOf(servers, found.requestId)).toMatchObject([
      {
        type: 'files.denied',
        actor: 'member',
        result: 'refused',
        object: `Session/team-web/${NAME}`,
        details: {
          ...{ direction: 'up', name: 'eicar.com', bytes: EICAR.length, sha256: sha256(EICAR), type: 'text/plain' },
          ...{ rule: 'scan', policy: required.policy, code: 'FileInfected' },
        },
      },
    ]);
    expect((await files.upload('clean.txt', { content: 'clean' })).status).toBe(201);
    const long = await files.upload('long.bin', { content: Buffer.alloc(3 * 1024 * 1024) });
    expect([long.status, long.body['code']]).toEqual([413, 'FileScanLimit']);
    await clamd.stop();
    try {
      const away = await files.upload('unseen.txt', { content: 'unseen' });
      expect([away.status, away.body['code']]).toEqual([503, 'FileScanUnavailable']);
      expect((await files.download('clean.txt')).status).toBe(503);
    } finally {
      await clamd.start();
    }
    expect(await run('cd && ls eicar.com long.bin unseen.txt 2>/dev/null; true')).toBe('');
  });

  test('G-34 by rules of size, type and number is refused with the rule of its policy', async () => {
    await using limited = await withPolicy({ maxBytes: 10, allowTypes: ['text/*'], denyTypes: ['text/html'], perMinute: 4 });
    const refused = async (path: string, content: string | Buffer) => (await files.upload(path, { content })).body;
    expect(await refused('l-1', 'x'.repeat(11))).toMatchObject({
      code: 'FileTooLarge',
      detail: expect.stringContaining(limited.policy),
    });
    expect(await refused('l-2', '<html>')).toMatchObject({
      code: 'FileTypeDenied',
      detail: `text/html is denied: policy ${limited.policy}`,
    });
    expect(await refused('l-3', Buffer.from('GIF89a'))).toMatchObject({ code: 'FileTypeDenied' });
    expect(await refused('l-4', 'good')).toMatchObject({ path: 'l-4' });
    expect(await refused('l-5', 'good')).toMatchObject({ path: 'l-5' });
    expect(await refused('l-6', 'good')).toMatchObject({ code: 'FileRateReached' });
  });
});

test('an upload goes on after a broken connection, parts may come twice, and it is in the home at once or not at all', async () => {
  const content = randomBytes(5 * 1024 * 1024);
  const { body } = await files.begin('big.bin', content.length);
  expect((await files.part(body.id, 0, content.subarray(0, 1_000_000))).status).toBe(200);
  await files.brokenPart(body.id, 1_000_000, content.subarray(1_000_000, 1_700_000), 4_000_000);
  const { offset } = (await files.progress(body.id)).body;
  expect(offset).toBe(1_700_000);
  expect(await files.part(body.id, 2_000_000, content.subarray(2_000_000, 2_100_000))).toMatchObject({
    status: 409,
    code: 'UploadOffsetWrong',
  });
  expect((await files.commit(body.id)).body).toMatchObject({ code: 'UploadIncomplete' });
  expect(await run('ls ~/big.bin 2>/dev/null; true')).toBe('');
  for (let at = 1_500_000; at < content.length; at += 1_000_000)
    expect((await files.part(body.id, at, content.subarray(at, at + 1_200_000))).status).toBe(200);
  const done = await files.commit(body.id);
  expect(done).toMatchObject({ status: 201, body: { path: 'big.bin', bytes: content.length, sha256: sha256(content) } });
  expect(await files.commit(body.id)).toMatchObject({ status: 201, body: done.body });
  expect(await run('sha256sum <~/big.bin')).toContain(sha256(content));
  expect(await run('ls -A ~ | grep part; true')).toBe('');
  expect(await readdir(join(gateway.spoolDir, 'files'))).toEqual([]);
});

test('a download can be resumed where it was cut off, and says what it is to nobody who would open it', async () => {
  const content = randomBytes(1_000_000);
  expect((await files.upload('down load "ü".bin', { content })).status).toBe(201);
  const whole = await files.download('down load "ü".bin');
  expect([whole.status, whole.bytes.equals(content)]).toEqual([200, true]);
  expect(whole.headers.get('content-type')).toBe('application/octet-stream');
  expect(whole.headers.get('content-disposition')).toBe(
    `attachment; filename="down load ___.bin"; filename*=UTF-8''down%20load%20%22%C3%BC%22.bin`,
  );
  const ifRange = whole.headers.get('etag') ?? '';
  const rest = await files.download('down load "ü".bin', { range: 'bytes=400000-', 'if-range': ifRange });
  expect([rest.status, rest.bytes.equals(content.subarray(400_000))]).toEqual([206, true]);
  expect(rest.headers.get('content-range')).toBe('bytes 400000-999999/1000000');
  const other = await files.download('down load "ü".bin', { range: 'bytes=400000-', 'if-range': '"other"' });
  expect([other.status, other.bytes.equals(content)]).toEqual([200, true]);
  expect(await auditOf(servers, whole.requestId)).toMatchObject([
    { type: 'files.downloaded', result: 'success', details: { direction: 'down', bytes: 1_000_000, sha256: sha256(content) } },
  ]);
});

test('a folder comes as an archive of what was judged: no links, nothing from outside, and no file that may not pass', async () => {
  await run(
    'mkdir -p ~/folder/deep "$HOME/folder/empty"; cd ~/folder; echo one >one; echo two >deep/two; ln -s /etc/passwd passwd; ln -s /etc etc; mkfifo pipe',
  );
  const { status, bytes, headers, requestId } = await files.archive('folder');
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
  await using _policy = await withPolicy({ denyTypes: ['text/x-shellscript'] });
  await run("printf '#!/bin/sh\\nid\\n' >~/folder/deep/run");
  const denied = await files.archive('folder');
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
  await run('ln -sfn /etc/passwd ~/passwd; mkfifo ~/pipe 2>/dev/null; true');
  const codeOf = async (path: string) =>
    (JSON.parse((await files.download(path)).bytes.toString()) as { readonly code: string }).code;
  expect(await codeOf('passwd')).toBe('FileKindWrong');
  expect(await codeOf('pipe')).toBe('FileKindWrong');
  expect(await codeOf('inside')).toBe('FileKindWrong');
  expect(await codeOf('out/.X11-unix')).toBe('FilePathOutside');
  expect(await codeOf('nowhere/file')).toBe('FileNotFound');
  expect(await codeOf('../../etc/passwd')).toBe('FilePathInvalid');
});

test('a listing shows folders first, kinds, sizes, and no name of ours; a folder is made once', async () => {
  expect((await files.makeFolder('new folder')).status).toBe(204);
  expect((await files.makeFolder('new folder')).body).toMatchObject({ code: 'FileExists' });
  await run(
    `cd ~/"new folder"; mkdir z; echo hello >a; ln -s a l; touch .streamspace-${'0'.repeat(32)}.part "$(printf 'bad\\377')"`,
  );
  const { body } = await files.list('new folder');
  expect(body.items.map(({ name, kind, bytes }) => [name, kind, kind === 'File' ? bytes : null])).toEqual([
    ['z', 'Folder', null],
    ['a', 'File', 6],
    ['l', 'Link', null],
  ]);
  expect((await files.list('out')).body).toMatchObject({ code: 'FilePathOutside' });
});

test('a policy that is changed is in force with the next part, and a download that is not allowed names it', async () => {
  await using policy = await withPolicy({ up: true, down: true });
  const { body } = await files.begin('revoked.txt', 10);
  expect((await files.part(body.id, 0, Buffer.from('01234'))).status).toBe(200);
  await policy.change({ up: false, down: false });
  expect(await files.part(body.id, 5, Buffer.from('56789'))).toMatchObject({ status: 403, code: 'FileUploadOff' });
  expect((await files.commit(body.id)).body).toMatchObject({ code: 'UploadNotFound' });
  const download = await files.download('clean.txt');
  expect(JSON.parse(download.bytes.toString())).toMatchObject({
    code: 'FileDownloadOff',
    detail: `downloads from this session are off: policy ${policy.policy}`,
  });
  expect(await auditOf(servers, download.requestId)).toMatchObject([
    { type: 'files.denied', details: { rule: 'down', policy: policy.policy } },
  ]);
  expect((await files.list()).body).toMatchObject({ code: 'FileDownloadOff' });
  expect((await files.makeFolder('revoked')).body).toMatchObject({ code: 'FileUploadOff' });
});

test('who only looks on gets no files, and an upload is its own person’s', async () => {
  const viewer = new FilesApi(gateway.servers, 'viewer', NAME);
  expect((await viewer.list()).body).toMatchObject({ code: 'Forbidden' });
  expect((await viewer.begin('x', 1)).status).toBe(403);
  expect((await viewer.download('clean.txt')).status).toBe(403);
  const { body } = await files.begin('mine.txt', 3);
  const lead = new FilesApi(gateway.servers, 'lead', NAME); // may control every session of the team
  expect((await lead.progress(body.id)).body).toMatchObject({ code: 'UploadNotFound' });
  expect((await files.cancel(body.id)).status).toBe(204);
});

test('the gateway runs commands in the desktops of teams only, whatever RBAC would let it do', async () => {
  const exec = createExec(gateway.kubeconfig);
  const attempt = (namespace: string, container: string) =>
    exec({
      ...{ namespace, container, pod: `${NAME}-0`, command: ['true'], onOutput: () => undefined },
      signal: new AbortController().signal,
    });
  await expect(attempt('team-web', 'desktop')).resolves.toMatchObject({ exitCode: 0 });
  await expect(attempt('team-web', 'other')).rejects.toThrow(/gateway-exec/);
  await expect(attempt('default', 'desktop')).rejects.toThrow(/gateway-exec/);
});

test('G-34 an upload over quota says that the home is full, and leaves nothing of it', async () => {
  const name = `${NAME}-full`;
  await using own = await runningSession(servers, name, 'member');
  const wish = (desiredState: string) => apiAs(servers, 'member').send('PATCH', own.path, { spec: { desiredState } });
  await wish('Hibernated');
  await untilPhase(servers, 'member', name, 'Hibernated');
  const claim = await client.get<{ spec: { volumeName: string } }>(RESOURCES.persistentVolumeClaims, 'team-web', `${name}-home`);
  const volume = await client.get<{ spec: { local?: { path: string } } }>(
    RESOURCES.persistentVolumes,
    undefined,
    claim.spec.volumeName,
  );
  const folder = volume.spec.local?.path ?? '';
  // A home of 2 MiB: the disk of the test has no quotas.
  await must('mount', ['-t', 'tmpfs', '-o', 'size=2m,uid=1000,gid=1000', 'home', folder]);
  try {
    await wish('Running');
    await untilPhase(servers, 'member', name, 'Running');
    const full = new FilesApi(gateway.servers, 'member', name);
    expect((await full.upload('fits.bin', { content: randomBytes(100_000) })).status).toBe(201);
    const { status, body } = await full.upload('large.bin', { content: randomBytes(4_000_000) });
    expect([status, body['code']]).toEqual([507, 'HomeFull']);
    expect((await full.list()).body.items.map((item) => item.name).filter((each) => each.endsWith('.bin'))).toEqual(['fits.bin']);
    expect(await inDesktop(servers, name, 'ls -A ~ | grep part; true')).toBe('');
    await wish('Hibernated');
    await untilPhase(servers, 'member', name, 'Hibernated');
  } finally {
    await must('umount', ['--lazy', folder]);
  }
}, 120_000);
