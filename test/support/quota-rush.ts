// Many sessions that want to run at once under a quota of their own: of a template that no node has the image of, since what
// counts is who may start.
import { expect } from 'vitest';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { eventually } from './wait.ts';

const NAMESPACE = 'team-web';
/** Long for a busy machine: how long it takes is not what is judged. */
const WAIT_MS = 300_000;

export interface QuotaRush extends AsyncDisposable {
  /** Those of this rush that there are. */
  readonly sessions: () => Promise<readonly Session[]>;
  /** Creates `count` in parallel and waits until each knows whether it may run; never may more than there is room for. */
  readonly start: (count: number) => Promise<readonly Session[]>;
  readonly clear: () => Promise<void>;
}

export const admitted = (sessions: readonly Session[]): readonly Session[] =>
  sessions.filter(({ status }) => status?.admission?.running === true);

/** @param id name of its template and quota, and beginning of the names of its sessions */
export async function openQuotaRush(client: KubeClient, id: string, sessionsRunning: number): Promise<QuotaRush> {
  const object = (kind: string, name: string, spec: object): string =>
    JSON.stringify({ apiVersion: API_GROUP_VERSION, kind, metadata: { name, namespace: NAMESPACE }, spec });
  const spec = { displayName: id, image: 'localhost/none:1', resources: { cpu: '1m', memory: '1Mi' }, home: { size: '1Mi' } };
  await client.create(RESOURCES.templates, NAMESPACE, object('Template', id, spec));
  // Of this template alone, so that no other test is limited.
  const quota = { scope: 'Template', templates: [`${NAMESPACE}/${id}`], limits: { sessionsRunning } };
  await client.create(RESOURCES.quotas, NAMESPACE, object('Quota', id, quota));
  await eventually('the quota is accepted', async () => {
    const { status } = await client.get<Quota>(RESOURCES.quotas, NAMESPACE, id);
    return findCondition(status?.conditions, 'Ready')?.status === 'True';
  });
  const sessions = async (): Promise<readonly Session[]> => {
    const { items } = await client.list<Session>(RESOURCES.sessions, { namespace: NAMESPACE });
    return items.filter(({ metadata: { name } }) => name.startsWith(id));
  };
  const clear = async (): Promise<void> => {
    await Promise.all((await sessions()).map(({ metadata }) => client.delete(RESOURCES.sessions, NAMESPACE, metadata.name)));
    await eventually('all are gone', async () => (await sessions()).length === 0, { timeoutMs: WAIT_MS });
  };
  return {
    sessions,
    clear,
    start: async (count) => {
      const wish = { template: id, owner: 'member', desiredState: 'Running' };
      const names = Array.from({ length: count }, (_, index) => `${id}-${index}`);
      await Promise.all(names.map((name) => client.create(RESOURCES.sessions, NAMESPACE, object('Session', name, wish))));
      let all: readonly Session[] = [];
      await eventually(
        'everybody knows',
        async () => {
          all = await sessions();
          expect(admitted(all).length).toBeLessThanOrEqual(sessionsRunning);
          return all.length === count && all.every(({ status }) => findCondition(status?.conditions, 'Admitted') !== undefined);
        },
        { timeoutMs: WAIT_MS },
      );
      return all;
    },
    [Symbol.asyncDispose]: async () => {
      await client.delete(RESOURCES.quotas, NAMESPACE, id);
      await clear();
      await client.delete(RESOURCES.templates, NAMESPACE, id);
    },
  };
}
