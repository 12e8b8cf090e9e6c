import { expect, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Session, SessionStatus } from '../../schemas/kinds/sessions/session.ts';
import { memoryCluster } from './memory-cluster.ts';
import { saveStatus, withSaved } from './save-status.ts';

const SIGNAL = new AbortController().signal;
const PLACE = [RESOURCES.sessions, 'team-web', 'one'] as const;

function world() {
  const cluster = memoryCluster();
  const put = (): Session => {
    const metadata = { name: 'one', namespace: 'team-web', generation: 1 };
    const spec = { template: 'terminal', owner: 'member' };
    cluster.put(RESOURCES.sessions, { metadata, spec });
    return cluster.read<Session>(...PLACE) ?? expect.unreachable('it was just put there');
  };
  const save = (session: Session, status: SessionStatus, manager?: string) =>
    saveStatus(cluster.client, RESOURCES.sessions, { ...session, status: {} }, status, SIGNAL, manager);
  return { ...cluster, put, save, status: () => cluster.read<Session>(...PLACE)?.status };
}

test('a status of an object that was made again under its name since is given to nobody', async () => {
  const { put, save, drop, status, writes } = world();
  const old = put();
  drop(...PLACE);
  put();
  expect((await save(old, { phase: 'Admitted' })).outcome).toBe('gone');
  expect(status()).toBeUndefined();
  expect(writes).toEqual([]);
});

test('what others wrote to an object meanwhile is kept, and does not hinder', async () => {
  const { put, save, status } = world();
  const read = put();
  await save(read, { pod: 'one-0' }, 'another');
  const saved = await save(read, { phase: 'Admitted' });
  expect(saved.outcome).toBe('saved');
  expect(status()).toEqual({ pod: 'one-0', phase: 'Admitted' });
  await save(withSaved(read, saved), { phase: 'Starting' });
  expect(status()).toEqual({ pod: 'one-0', phase: 'Starting' });
});

test('of an object that is gone it is no error', async () => {
  const { put, save, drop } = world();
  const old = put();
  drop(...PLACE);
  expect((await save(old, { phase: 'Admitted' })).outcome).toBe('gone');
});
