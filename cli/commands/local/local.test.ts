import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { streamspace } from '../../../test/support/command.ts';

async function emptyState(): Promise<AsyncDisposable & { readonly dir: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-cli-'));
  return { dir: join(folder, 'state'), [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('status of what does not run says so on stderr, with the remedy, and exits with 1', async () => {
  await using state = await emptyState();
  const { code, stdout, stderr } = await streamspace(['status', '--state', state.dir, '--json']);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error NotRunning: .*\n {2}remedy: .*streamspace up/);
});

test('down of what does not run is done at once', async () => {
  await using state = await emptyState();
  const { code, stdout } = await streamspace(['down', '--state', state.dir]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^nothing was running/);
});

test('a port in use is refused before anything is started, with who has it', async () => {
  await using state = await emptyState();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  // With a kubeconfig neither root nor a cluster is needed to come this far.
  const args = ['up', '--state', state.dir, '--port', String(port), '--kubeconfig', import.meta.filename, '--detach'];
  const { code, stderr } = await streamspace(args);
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`error PortInUse: port ${port}`);
  expect(stderr).toContain(`pid ${process.pid}`);
  expect((await streamspace(['status', '--state', state.dir])).stderr).toContain('NotRunning');
});

test('a port that is none is a mistake of usage', async () => {
  await using state = await emptyState();
  expect((await streamspace(['up', '--state', state.dir, '--port', '99999'])).code).toBe(2);
});

test('a kubeconfig that cannot be read is named', async () => {
  await using state = await emptyState();
  const { code, stderr } = await streamspace(['up', '--state', state.dir, '--kubeconfig', '/nonexistent/kubeconfig', '--detach']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/error SettingInvalid: .*\/nonexistent\/kubeconfig/);
});
