import { expect, test } from 'vitest';
import { type LeaseObject, MEMBER, Roster, SHARD } from './roster.ts';

function lease(name: string, component: string, holder: string, resourceVersion: string, shards = 4): LeaseObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      resourceVersion,
      labels: { 'streamspace.io/component': component },
      annotations: { 'streamspace.io/shards': String(shards) },
    },
    spec: { holderIdentity: holder, leaseDurationSeconds: 15 },
  };
}

test('a replica is alive until its Lease was seen unchanged for as long as it lasts', () => {
  const roster = new Roster(15_000);
  roster.observe([lease('m-a', MEMBER, 'a', '1'), lease('m-b', MEMBER, 'b', '2')], 0);
  roster.observe([lease('m-a', MEMBER, 'a', '1'), lease('m-b', MEMBER, 'b', '3')], 10_000);
  expect(roster.members(4, 15_000)).toEqual(['a', 'b']);
  expect(roster.members(4, 15_001)).toEqual(['b']);
  expect(roster.seenSince('m-a', '1')).toBe(0);
  expect(roster.seenSince('m-a', '2')).toBeUndefined();
  expect(roster.longGone(700_000, 600_000).map(({ metadata }) => metadata.name)).toEqual(['m-a', 'm-b']);
});

test('a replica that cuts the work otherwise is no member, and its shards are seen', () => {
  const roster = new Roster(15_000);
  roster.observe([lease('m-a', MEMBER, 'a', '1', 8), lease('s-0', SHARD, 'a', '1', 8), lease('s-1', SHARD, '', '1', 8)], 0);
  expect(roster.members(4, 0)).toEqual([]);
  expect([roster.otherLayout(4, 0), roster.otherLayout(8, 0), roster.otherLayout(4, 15_001)]).toEqual([true, false, false]);
});

test('after a time without a look everybody is given the time of a Lease again', () => {
  const roster = new Roster(15_000);
  const leases = [lease('m-a', MEMBER, 'a', '1')];
  roster.observe(leases, 0);
  roster.observe(leases, 15_001);
  expect(roster.members(4, 20_000)).toEqual(['a']);
  expect(roster.seenSince('m-a', '1')).toBe(15_001);
});
