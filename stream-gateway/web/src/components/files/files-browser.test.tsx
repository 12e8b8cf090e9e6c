// The files of a session on its page, in each state.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { FileEntry } from '../../../../../schemas/api/files.ts';
import { type FakeGateway, fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { session } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';
import type { EffectivePolicyView } from '../../model/sessions/session-rules.ts';

const FILES = '/api/v1/namespaces/team-web/sessions/one/files';
type Files = NonNullable<EffectivePolicyView['dlp']['files']>;

const entry = (name: string, kind: FileEntry['kind'], bytes = 0): FileEntry => ({
  name,
  kind,
  bytes,
  modifiedAt: '2026-11-20T08:00:00Z',
});

function withFiles(files: Partial<Files>, items: readonly FileEntry[] = []): FakeGateway {
  const clipboard = { up: true, down: true, maxBytes: 1, formats: [], windowSeconds: 0, rules: [] };
  const effectivePolicy: EffectivePolicyView = {
    ...{ hash: 'a'.repeat(64), policies: [] },
    dlp: { clipboard, files: { up: true, down: true, denyTypes: [], scan: 'None', ...files } },
    origins: ['up', 'down', 'maxBytes'].map((field) => ({ field: `files.${field}`, from: 'DlpPolicy/streamspace/base' })),
  };
  const gateway = fakeGateway({ sessions: [session('one', 'Running', { status: { effectivePolicy }, may: { control: true } })] });
  gateway.on('GET', `${FILES}?path=`, () => jsonResponse(200, { path: '', items, truncated: false }));
  return gateway;
}

const filesSection = () => screen.findByRole('region', { name: 'Files' });

test('a folder shows what is in it, and one walks in and back', async () => {
  const gateway = withFiles({}, [entry('Documents', 'Folder'), entry('a.txt', 'File', 2048), entry('link', 'Link')]);
  gateway.on('GET', `${FILES}?path=Documents`, () =>
    jsonResponse(200, { path: 'Documents', items: [entry('b.txt', 'File', 1)], truncated: true }),
  );
  const { user } = openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  expect(await files.findByText('2 KiB')).toBeTruthy();
  expect(files.queryByRole('button', { name: 'Download link' })).toBeNull();
  expect(await seriousFindings()).toEqual([]);
  await user.click(files.getByRole('button', { name: 'Open Documents' }));
  expect(await files.findByText('b.txt')).toBeTruthy();
  expect(files.getByText('There are more than are shown.')).toBeTruthy();
  await user.click(files.getByRole('button', { name: 'Home' }));
  expect(await files.findByText('a.txt')).toBeTruthy();
});

test('an empty folder says what to do', async () => {
  openPage('/sessions/team-web/one', withFiles({}));
  expect(await screen.findByText('This folder is empty.')).toBeTruthy();
  expect(screen.getByText('Drop files here, or upload them with the button.')).toBeTruthy();
});

test('a listing that fails shows the code, and may be tried again', async () => {
  const gateway = withFiles({});
  gateway.on('GET', `${FILES}?path=`, () => problemResponse(409, 'DesktopToolsMissing', { detail: 'no shell' }));
  const { user } = openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  expect(await files.findByText('DesktopToolsMissing')).toBeTruthy();
  gateway.on('GET', `${FILES}?path=`, () => jsonResponse(200, { path: '', items: [], truncated: false }));
  await user.click(files.getByRole('button', { name: 'Try again' }));
  expect(await files.findByText('This folder is empty.')).toBeTruthy();
});

test('a refusal says who can change it', async () => {
  const gateway = withFiles({});
  gateway.on('GET', `${FILES}?path=`, () => problemResponse(403, 'Forbidden'));
  openPage('/sessions/team-web/one', gateway);
  expect(await screen.findByText(/who only looks on gets no files/)).toBeTruthy();
});

test('what a policy forbids is said before one tries, and its buttons are off', async () => {
  const gateway = withFiles({ up: false, scan: 'Required' }, [entry('a.txt', 'File', 1)]);
  openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  expect(files.getByText('Uploading to this session is off: policy streamspace/base.')).toBeTruthy();
  expect(files.getByText('Every file is scanned for viruses.')).toBeTruthy();
  for (const name of ['Upload files', 'New folder'])
    expect(files.getByRole('button', { name }).hasAttribute('disabled'), name).toBe(true);
  expect((await files.findByRole('button', { name: 'Download a.txt' })).hasAttribute('disabled')).toBe(false);
});

test('with both directions off nothing is asked for', async () => {
  const gateway = withFiles({ up: false, down: false });
  gateway.on('GET', `${FILES}?path=`, () => {
    throw new Error('nobody may list');
  });
  openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  expect(files.getByText('Downloading from this session is off: policy streamspace/base.')).toBeTruthy();
  expect(files.queryByText(/cannot be shown/)).toBeNull();
});

test('dropped files are sent, but for one that is too large, and the folder is read again', async () => {
  const gateway = withFiles({ maxBytes: 10 });
  gateway.on('POST', `${FILES}/uploads`, () => jsonResponse(201, { id: 'u', path: 'a.txt', bytes: 5, offset: 0 }));
  gateway.on('GET', `${FILES}/uploads/u`, () => jsonResponse(200, { id: 'u', path: 'a.txt', bytes: 5, offset: 0 }));
  gateway.on('PUT', `${FILES}/uploads/u?offset=0`, () => jsonResponse(200, { id: 'u', path: 'a.txt', bytes: 5, offset: 5 }));
  gateway.on('POST', `${FILES}/uploads/u/commit?overwrite=false`, () => {
    gateway.on('GET', `${FILES}?path=`, () =>
      jsonResponse(200, { path: '', items: [entry('a.txt', 'File', 5)], truncated: false }),
    );
    return jsonResponse(201, { path: 'a.txt', bytes: 5, sha256: '', type: 'text/plain' });
  });
  const { user } = openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  await files.findByText('This folder is empty.');
  const dropped = [new File(['hello'], 'a.txt', { type: 'text/plain' }), new File(['x'.repeat(11)], 'large.txt')];
  fireEvent.drop(files.getByRole('region', { name: 'Home of the session' }), { dataTransfer: { files: dropped } });
  expect(
    await files.findByText(/large.txt was not sent: 11 bytes is more than the 10 bytes that policy streamspace\/base allows/),
  ).toBeTruthy();
  const transfers = within(await files.findByRole('list', { name: 'Transfers' }));
  expect(await transfers.findByText('Done')).toBeTruthy();
  expect(await files.findByRole('button', { name: 'Download a.txt' })).toBeTruthy();
  await user.click(transfers.getByRole('button', { name: 'Take a.txt off the list' }));
  expect(files.queryByRole('list', { name: 'Transfers' })).toBeNull();
  expect(await seriousFindings()).toEqual([]);
});

test('a duplicate asks before it replaces', async () => {
  const gateway = withFiles({});
  const upload = { id: 'u', path: 'a.txt', bytes: 1, offset: 1 };
  gateway.on('POST', `${FILES}/uploads`, () => jsonResponse(201, upload));
  gateway.on('GET', `${FILES}/uploads/u`, () => jsonResponse(200, upload));
  gateway.on('POST', `${FILES}/uploads/u/commit?overwrite=false`, () => problemResponse(409, 'FileExists'));
  gateway.on('POST', `${FILES}/uploads/u/commit?overwrite=true`, () =>
    jsonResponse(201, { path: 'a.txt', bytes: 1, sha256: '', type: '' }),
  );
  const { user } = openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  await files.findByText('This folder is empty.');
  fireEvent.drop(files.getByRole('region', { name: 'Home of the session' }), {
    dataTransfer: { files: [new File(['x'], 'a.txt')] },
  });
  await user.click(await files.findByRole('button', { name: 'Replace it' }));
  expect(await files.findByText('Done')).toBeTruthy();
});

test('a new folder is made by its name, and Escape gives it up', async () => {
  const gateway = withFiles({});
  gateway.on('POST', `${FILES}/folders`, () => new Response(null, { status: 204 }));
  const { user } = openPage('/sessions/team-web/one', gateway);
  const files = within(await filesSection());
  await user.click(files.getByRole('button', { name: 'New folder' }));
  await user.type(files.getByRole('textbox', { name: 'Name of the new folder' }), 'x{Escape}');
  await user.click(files.getByRole('button', { name: 'New folder' }));
  await user.type(files.getByRole('textbox', { name: 'Name of the new folder' }), 'Reports{Enter}');
  await waitFor(() => expect(gateway.asked.map(({ body }) => body)).toEqual([{ path: 'Reports' }]));
  expect(await files.findByRole('button', { name: 'New folder' })).toBeTruthy();
});

test('files are for who controls a session', async () => {
  openPage('/sessions/team-web/three', { sessions: [session('three', 'Running', { may: { control: false } })] });
  expect(await screen.findByRole('region', { name: 'Rules in force' })).toBeTruthy();
  expect(screen.queryByRole('region', { name: 'Files' })).toBeNull();
});

test('a session that sleeps says when its files can be reached', async () => {
  openPage('/sessions/team-web/two', { sessions: [session('two', 'Hibernated', { may: { control: true } })] });
  expect(await screen.findByText('Files can be reached while the session runs.')).toBeTruthy();
});
