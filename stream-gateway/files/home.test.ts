// The home against a container in which somebody has put programs of his own in the place of find, tar and sh.
import { expect, test } from 'vitest';
import type { Exec } from '../../runtime/kube/exec/exec.ts';
import { parseHomePath } from '../dlp/files/home-path.ts';
import { Home } from './home.ts';

/** Says the same for ever, and is gone when nobody listens any more. */
function endless(chunk: Buffer): { readonly exec: Exec; readonly said: () => number } {
  let said = 0;
  const exec: Exec = async ({ onOutput }) => {
    for (;;) {
      await onOutput(chunk);
      said += chunk.length;
      if (said > 64 * 1024 * 1024) throw new Error('nobody has stopped it');
    }
  };
  return { exec, said: () => said };
}

const homeOver = (exec: Exec): Home =>
  new Home({ exec, namespace: 'team-web', pod: 'one-0', signal: new AbortController().signal });

test('a listing that does not end is cut, and the command with it', async () => {
  const { exec, said } = endless(Buffer.from('f\t1\t0.0\tname\0'.repeat(5_000)));
  const { entries, truncated } = await homeOver(exec).list(parseHomePath(''));
  expect([truncated, entries.length, entries[0]?.name]).toEqual([true, 20_000, 'name']);
  expect(said()).toBeLessThan(5 * 1024 * 1024);
});

test('a command that has nothing to say and does not stop saying it has failed', async () => {
  const { exec, said } = endless(Buffer.alloc(16 * 1024));
  const code = { code: 'FileTransferFailed' };
  await expect(homeOver(exec).makeFolder(parseHomePath('a'))).rejects.toMatchObject(code);
  const content = (async function* () {
    yield Buffer.from('x');
  })();
  const writing = homeOver(exec).write({ path: parseHomePath('a'), bytes: 1, content, overwrite: false });
  await expect(writing).rejects.toMatchObject(code);
  expect(said()).toBeLessThan(1024 * 1024);
});
