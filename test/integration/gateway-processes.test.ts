// A whole gateway of several processes: what one of them leaves when it is killed, and who takes its place.
import { randomUUID } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { runningSession, ticketFor } from '../support/api.ts';
import { databaseOf } from '../support/audit.ts';
import { typeUntil } from '../support/desktop.ts';
import { type GatewayReplica, startGatewayReplica } from '../support/gateway-replica.ts';
import { connectRfb, type RfbClient } from '../support/rfb-client.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');

async function childrenOf(pid: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((each) => /^\d+$/.test(each))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid) found.push(Number(name));
  }
  return found;
}

/** Of one replica, for one session. */
function waysTo(replica: Pick<GatewayReplica, 'url'>, name: string) {
  return {
    metric: async (line: RegExp): Promise<number> =>
      Number(line.exec(await (await fetch(`${replica.url}/metrics`)).text())?.[1] ?? 0),
    stream: async (): Promise<RfbClient> => {
      const { ticket, path } = await ticketFor(servers, 'member', name, 'control');
      return await connectRfb({ url: `${replica.url.replace(/^http/, 'ws')}${path}`, origin: servers.url, ticket });
    },
  };
}

test('without stream processes the front process serves streams itself', async () => {
  const name = `processes-${randomUUID().slice(0, 6)}`;
  await using _session = await runningSession(servers, name, 'member');
  await using replica = await startGatewayReplica(servers, ['--stream-processes=0']);
  const { metric, stream } = waysTo(replica, name);
  await eventually('the gateway is ready', async () => (await fetch(`${replica.url}/readyz`)).ok);
  await using viewer = await stream();
  await typeUntil(servers, viewer, name, 'touch /tmp/typed', '/tmp/typed');
  expect(await childrenOf(replica.pid)).toEqual([]);
  expect(await metric(/^streamspace_streams_open\{right="control".*\} (\d)/m)).toBe(1);
});

test('stream processes that are killed are started again, and the desktop is there again with all its rules', async () => {
  const name = `processes-${randomUUID().slice(0, 6)}`;
  await using _session = await runningSession(servers, name, 'member');
  await using replica = await startGatewayReplica(servers, ['--stream-processes=2']);
  const { metric, stream } = waysTo(replica, name);
  const isReady = async (): Promise<boolean> => (await metric(/^streamspace_stream_processes_ready\{.*\} (\d)/m)) === 2;
  await eventually('both processes are ready', isReady);
  await using before = await stream();
  await typeUntil(servers, before, name, 'touch /tmp/before', '/tmp/before');
  expect(await metric(/^streamspace_streams_open\{right="control".*\} (\d)/m)).toBe(1);

  const killed = await childrenOf(replica.pid);
  expect(killed).toHaveLength(2);
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  expect((await before.closed).code).toBe(1006);
  await using after = await eventually('the desktop is there again', stream);
  await typeUntil(servers, after, name, 'touch /tmp/after', '/tmp/after');
  await eventually('both processes are ready again', isReady);
  expect(await metric(/^streamspace_stream_process_restarts_total\{.*\} (\d)/m)).toBe(2);
  await using db = databaseOf(servers);
  const lost = await db.query(
    "select details->>'process' as process from audit_events where type = 'streams.lost' order by 1",
    [],
  );
  expect(lost).toEqual(expect.arrayContaining([{ process: '0' }, { process: '1' }]));

  const left = await childrenOf(replica.pid);
  expect(left).toHaveLength(2);
  replica.kill();
  const isThere = (pid: number): Promise<boolean> =>
    access(`/proc/${pid}`).then(
      () => true,
      () => false,
    );
  await eventually('no process is left', async () => !(await Promise.all(left.map(isThere))).includes(true));
  expect((await after.closed).code).toBe(1012); // they say goodbye though nobody told them
});
