// G-34: hostile uploads through the whole: a gateway, the API server, a container in its pod, and a real clamd.
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { apiAs, runningSession, untilPhase } from '../support/api.ts';
import { auditOf } from '../support/audit.ts';
import { EICAR } from '../support/clamd.ts';
import { must } from '../support/command.ts';
import { inDesktop } from '../support/desktop.ts';
import { FilesApi } from '../support/files-api.ts';
import { type FilesWorld, filesWorld } from '../support/files-world.ts';

const servers = inject('servers');
const PNG = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300010000050001',
  'hex',
);
const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');

let here: FilesWorld;

beforeAll(async () => {
  here = await filesWorld(servers);
}, 120_000);

afterAll(async () => {
  await here?.[Symbol.asyncDispose]();
});

/** Every file that the desktop could have written since, outside of its home. */
async function writtenOutside(): Promise<string> {
  return await here.run(
    'find / -xdev -newer ~/.marker -type f -not -path "/proc/*" -not -path "/home/user/*" -not -path "/tmp/.streamspace/*" 2>/dev/null; ls -A /tmp | grep -v "^\\."; true',
  );
}

describe('G-34 an upload', () => {
  beforeAll(async () => {
    await here.run(
      'touch ~/.marker; mkdir -p ~/inside; ln -sfn /tmp ~/out; ln -sfn ~/inside ~/in; ln -sfn /tmp/target ~/link.txt',
    );
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
    const { status, body } = await here.files.upload(path, { content: 'evil' });
    // No request may hold that character, whatever it is about.
    const code = path.includes('\0') ? 'RequestInvalid' : 'FilePathInvalid';
    expect([status, body['code']]).toEqual([400, code]);
    expect(await writtenOutside()).toBe('');
  });

  test('G-34 named with 255 bytes is taken', async () => {
    const name = `${'ü'.repeat(125)}.text`;
    expect(Buffer.byteLength(name)).toBe(255);
    expect(await here.files.upload(name, { content: 'long' })).toMatchObject({
      status: 201,
      body: { path: name, bytes: 4, type: 'text/plain' },
    });
    expect(await here.run(`cat ~/"${name}"`)).toBe('long');
  });

  test('G-34 through a symbolic link goes where the link leads inside of the home, and nowhere else', async () => {
    const out = await here.files.upload('out/x', { content: 'evil' });
    expect([out.status, out.body['code']]).toEqual([403, 'FilePathOutside']);
    expect((await here.files.upload('in/x', { content: 'good' })).status).toBe(201);
    expect(await here.run('cat ~/inside/x')).toBe('good');
    const onto = await here.files.upload('link.txt', { content: 'evil' });
    expect([onto.status, onto.body['code']]).toEqual([409, 'FileExists']);
    expect((await here.files.upload('link.txt', { content: 'mine', overwrite: true })).status).toBe(201);
    expect(await here.run('test -L ~/link.txt || cat ~/link.txt')).toBe('mine');
    expect(await writtenOutside()).toBe('');
  });

  test('G-34 of a duplicate name is a conflict, unless it says overwrite', async () => {
    expect((await here.files.upload('twice.txt', { content: 'first' })).status).toBe(201);
    const second = await here.files.upload('twice.txt', { content: 'second' });
    expect([second.status, second.body['code']]).toEqual([409, 'FileExists']);
    expect(await here.run('cat ~/twice.txt')).toBe('first');
    expect((await here.files.upload('twice.txt', { content: 'third', overwrite: true })).status).toBe(201);
    expect(await here.run('cat ~/twice.txt')).toBe('third');
    expect((await here.files.upload('inside', { content: 'x', overwrite: true })).body['code']).toBe('FileKindWrong');
  });

  test('G-34 with a false media type is refused for that', async () => {
    const png = await here.files.upload('text.png', { content: 'only text', type: 'image/png' });
    expect([png.status, png.body['code']]).toEqual([400, 'FileTypeFalse']);
    const text = await here.files.upload('picture.txt', { content: PNG, type: 'text/plain' });
    expect([text.status, text.body['code']]).toEqual([400, 'FileTypeFalse']);
    expect((await here.files.upload('picture.png', { content: PNG, type: 'image/png' })).body).toMatchObject({
      type: 'image/png',
    });
  });

  test('G-34 of the EICAR test file does not pass where a scan is required, nor does anything while the scanner is away', async () => {
    await using required = await here.withPolicy({ scan: 'Required' });
    const begun = await here.files.begin('eicar.com', EICAR.length);
    await here.files.part(begun.body.id, 0, Buffer.from(EICAR, 'latin1'));
    const found = await here.files.raw(`/uploads/${begun.body.id}/commit`, { method: 'POST' });
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
        object: `Session/team-web/${here.name}`,
        details: {
          ...{ direction: 'up', name: 'eicar.com', bytes: EICAR.length, sha256: sha256(EICAR), type: 'text/plain' },
          ...{ rule: 'scan', policy: required.policy, code: 'FileInfected' },
        },
      },
    ]);
    expect((await here.files.upload('clean.txt', { content: 'clean' })).status).toBe(201);
    const long = await here.files.upload('long.bin', { content: Buffer.alloc(3 * 1024 * 1024) });
    expect([long.status, long.body['code']]).toEqual([413, 'FileScanLimit']);
    await here.clamd.stop();
    try {
      const away = await here.files.upload('unseen.txt', { content: 'unseen' });
      expect([away.status, away.body['code']]).toEqual([503, 'FileScanUnavailable']);
      expect((await here.files.download('clean.txt')).status).toBe(503);
    } finally {
      await here.clamd.start();
    }
    expect(await here.run('cd && ls eicar.com long.bin unseen.txt 2>/dev/null; true')).toBe('');
  });

  test('G-34 by rules of size, type and number is refused with the rule of its policy', async () => {
    await using limited = await here.withPolicy({ maxBytes: 10, allowTypes: ['text/*'], denyTypes: ['text/html'], perMinute: 4 });
    const refused = async (path: string, content: string | Buffer) => (await here.files.upload(path, { content })).body;
    expect(await refused('l-1', 'x'.repeat(11))).toMatchObject({
      code: 'FileSizeDenied',
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

test('G-34 an upload over quota says that the home is full, and leaves nothing of it', async () => {
  const name = `${here.name}-full`;
  await using own = await runningSession(servers, name, 'member');
  const wish = (desiredState: string) => apiAs(servers, 'member').send('PATCH', own.path, { spec: { desiredState } });
  await wish('Hibernated');
  await untilPhase(servers, 'member', name, 'Hibernated');
  const claim = await here.client.get<{ spec: { volumeName: string } }>(
    RESOURCES.persistentVolumeClaims,
    'team-web',
    `${name}-home`,
  );
  const volume = await here.client.get<{ spec: { local?: { path: string } } }>(
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
    const full = new FilesApi(here.gateway.servers, 'member', name);
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
