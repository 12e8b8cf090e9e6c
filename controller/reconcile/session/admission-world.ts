// For tests: a team, its template, quotas and sessions in memory.
import { expect } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { QuotaSpec } from '../../../schemas/kinds/quota.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { NO_QUOTA_METRICS } from '../quota/quota-metrics.ts';
import type { CacheOfAll } from '../wanted.ts';
import { Admitter } from './admitter.ts';
import { homeName, passwordName } from './objects.ts';
import type { SessionPorts } from './session.ts';

export const NAMESPACE = 'team-web';
const SECOND = 1_000;
export type QuotaWish = Pick<QuotaSpec, 'scope' | 'limits'>;

/** A team with a template of 1 CPU and whatever quotas; its clock moves with every look. */
export function admissionWorld(...quotas: readonly QuotaWish[]) {
  const cluster = memoryCluster();
  const { put, read } = cluster;
  let time = Date.parse('2026-01-01T00:00:00Z');
  const ports = (client: SessionPorts['client'], cache: CacheOfAll): SessionPorts => {
    const now = (): Date => {
      time += 1;
      return new Date(time);
    };
    return {
      ...{ client, cache, now },
      events: { record: () => undefined, flush: async () => undefined },
      audit: () => undefined,
      probe: async () => false,
      refusalOf: () => undefined,
      admitter: new Admitter({ cache, now, metrics: NO_QUOTA_METRICS }),
    };
  };
  put(RESOURCES.namespaces, { metadata: { name: NAMESPACE, labels: { 'streamspace.io/team': 'web' } } });
  put(RESOURCES.networkPolicies, { metadata: { name: 'streamspace-default-deny', namespace: NAMESPACE } });
  const putTemplate = (cpu = '1'): void =>
    void put(RESOURCES.templates, {
      metadata: { name: 'terminal', namespace: 'streamspace', generation: 1 },
      spec: { displayName: 'Terminal', image: 'x', resources: { cpu, memory: '1Gi' }, home: { size: '1Gi' } },
    });
  putTemplate();
  const putQuota = (spec: object, name = 'base'): void =>
    void put(RESOURCES.quotas, { metadata: { name, namespace: 'streamspace' }, spec: { warnAt: [], ...spec } });
  for (const spec of quotas) putQuota(spec);
  const session = (name: string): Session => read<Session>(RESOURCES.sessions, NAMESPACE, name) ?? expect.unreachable(name);
  const all = (): readonly Session[] => [...cluster.cache.all<Session>(RESOURCES.sessions)];
  return {
    ...cluster,
    ports,
    putTemplate,
    putQuota,
    session,
    all,
    pass: (ms: number): void => {
      time += ms;
    },
    add: (name: string, second = 0, owner = 'member') =>
      put(RESOURCES.sessions, {
        metadata: {
          name,
          namespace: NAMESPACE,
          generation: 1,
          creationTimestamp: new Date(Date.parse('2026-01-01T00:00:00Z') + second * SECOND).toISOString(),
        },
        spec: { template: 'terminal', owner, desiredState: 'Running' },
      }),
    dropWithChildren: (name: string): void => {
      cluster.drop(RESOURCES.sessions, NAMESPACE, name);
      for (const [resource, child] of [
        [RESOURCES.statefulSets, name],
        [RESOURCES.services, name],
        [RESOURCES.secrets, passwordName(name)],
        [RESOURCES.persistentVolumeClaims, homeName(name)],
        [RESOURCES.roles, `${name}-owner`],
        [RESOURCES.roleBindings, `${name}-owner`],
      ] as const)
        cluster.drop(resource, NAMESPACE, child);
    },
    wish: (name: string, desiredState: string) =>
      put(RESOURCES.sessions, {
        ...session(name),
        metadata: { ...session(name).metadata },
        spec: { ...session(name).spec, desiredState },
      }),
    admitted: () =>
      all()
        .filter(({ status }) => status?.admission?.running === true)
        .map(({ metadata }) => metadata.name),
    desktops: () => [...cluster.cache.all(RESOURCES.statefulSets)].length,
  };
}
