// What was granted until a time, while the controller that is to take it back is killed: before its time, and in the middle of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import type { ChangeView } from '../../schemas/api/changes.ts';
import { apiAs } from '../support/api.ts';
import { cloneAs } from '../support/clone.ts';
import { killPart } from '../support/parts.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const CHANGES = '/namespaces/team-web/changes';
const FILE = 'teams/web.yaml';
const TIMEOUT_MS = 120_000;

const read = async (name: string) => (await apiAs(servers, 'lead').get<ChangeView>(`${CHANGES}/${name}`)).body;

async function until(name: string, phase: string): Promise<ChangeView> {
  const seen = async () => {
    const change = await read(name);
    return change.status?.phase === phase ? change : undefined;
  };
  return await eventually(`${name} is ${phase}`, seen, { timeoutMs: TIMEOUT_MS });
}

test('a controller that is killed before the time and while it takes back what was granted does it once', async () => {
  await using before = await cloneAs(servers, 'admin');
  const text = await before.read(FILE);
  const endsAt = Date.now() + 25_000;
  const wish = {
    ...{ reason: 'a course', target: { namespace: 'streamspace', name: 'platform' }, until: new Date(endsAt).toISOString() },
    edits: [
      {
        ...{ action: 'Patch', object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' } },
        changes: [{ op: 'Set', path: 'spec.members[]', value: '{"user":"auditor","role":"member"}' }],
      },
    ],
  };
  const { body: asked } = await apiAs(servers, 'member').send<ChangeView>('POST', CHANGES, wish);
  const { name, uid } = asked.metadata;
  const open = await until(name, 'Open');
  await apiAs(servers, 'lead').send('POST', `${CHANGES}/${name}/approve`, { commit: open.status?.commit });
  await until(name, 'Applied');
  expect(Date.now()).toBeLessThan(endsAt);
  await killPart(servers, 'controller');
  const back = `back-${uid}`;
  for (let time = 0; time < 2; time += 1) {
    // Somewhere in what it does then; where exactly is what the tests of its steps are for.
    await sleep(Math.max(0, endsAt - Date.now()) + time * 1_200);
    await killPart(servers, 'controller');
  }
  await until(back, 'Applied');
  expect((await read(name)).status?.takenBackBy).toBe(back);
  await using after = await cloneAs(servers, 'admin');
  expect(await after.read(FILE)).toBe(text);
  const { body } = await apiAs(servers, 'lead').get<{ readonly items: readonly ChangeView[] }>('/changes');
  expect(body.items.filter(({ spec }) => spec.takesBack?.uid === uid).map(({ metadata }) => metadata.name)).toEqual([back]);
}, 400_000);
