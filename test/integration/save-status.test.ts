// What a real API server makes of a status that is meant for an object of before.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { saveStatus } from '../../controller/reconcile/save-status.ts';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Template } from '../../schemas/kinds/template.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';

const NAMESPACE = 'default';
const SIGNAL = AbortSignal.timeout(60_000);

test('P-04-1 a status is not given to an object that was made again under the same name', async () => {
  await using client = createKubeClient({ kubeconfig: inject('servers').kubeconfig });
  const name = `again-${randomUUID().slice(0, 6)}`;
  const spec = { displayName: name, image: 'localhost/none:1' };
  const body = JSON.stringify({
    apiVersion: API_GROUP_VERSION,
    kind: 'Template',
    metadata: { name, namespace: NAMESPACE },
    spec,
  });
  // In no namespace of a team: nobody else writes a status here.
  const make = (): Promise<Template> => client.create<Template>(RESOURCES.templates, NAMESPACE, body);
  const told = { type: 'Told', status: 'True', reason: 'Told', lastTransitionTime: '2026-01-01T00:00:00Z' } as const;
  const old = await make();
  await client.delete(RESOURCES.templates, NAMESPACE, name, { uid: old.metadata.uid ?? '' });
  const made = await make();
  const save = (object: Template, message: string) =>
    saveStatus(client, RESOURCES.templates, object, { conditions: [{ ...told, message }] }, SIGNAL, 'streamspace-test');
  expect((await save(old, 'meant for the first')).outcome).toBe('gone');
  expect((await save(made, 'meant for the second')).outcome).toBe('saved');
  // As read before that: others may have written to it meanwhile.
  expect((await save(made, 'meant for the second, later')).outcome).toBe('saved');
  const { status } = await client.get<Template>(RESOURCES.templates, NAMESPACE, name);
  expect(status?.conditions?.map(({ message }) => message)).toContain('meant for the second, later');
  await client.delete(RESOURCES.templates, NAMESPACE, name);
});
