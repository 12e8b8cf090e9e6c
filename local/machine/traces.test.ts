import { expect, test } from 'vitest';
import { belongsTo, mountsBelow, resultsOf } from './traces.ts';

const FOLDERS = ['/var/state', '/run/streamspace-abcdef'];

test('mounts are found innermost first, also where their path has a space, and a neighbour is none', () => {
  const mounts = [
    'tmpfs /run tmpfs rw 0 0',
    '/dev/vda /var/state/cluster/kubelet ext4 rw 0 0',
    'tmpfs /var/state/cluster/kubelet/pods/a\\040b tmpfs rw 0 0',
    'tmpfs /var/state-of-another tmpfs rw 0 0',
    'overlay /run/streamspace-abcdef/containerd/rootfs overlay rw 0 0',
  ].join('\n');
  expect(mountsBelow(mounts, FOLDERS)).toEqual([
    '/run/streamspace-abcdef/containerd/rootfs',
    '/var/state/cluster/kubelet/pods/a b',
    '/var/state/cluster/kubelet',
  ]);
});

test('a process with the mark is ours whatever it is', () => {
  expect(belongsTo({ commandLine: 'git\0http-backend', cwd: '/', partOf: '/var/state' }, FOLDERS)).toBe(true);
  expect(belongsTo({ commandLine: 'git\0http-backend', cwd: '/', partOf: '/var/other' }, FOLDERS)).toBe(false);
});

test('a shim is ours when its arguments name our folders', () => {
  const shim = ['/usr/bin/containerd-shim-runc-v2', '-address', '/run/streamspace-abcdef/containerd.sock'].join('\0');
  expect(belongsTo({ commandLine: shim, cwd: undefined, partOf: undefined }, FOLDERS)).toBe(true);
  const inside = ['/usr/bin/containerd-shim-runc-v2', '-id', 'x'].join('\0');
  expect(belongsTo({ commandLine: inside, cwd: '/run/streamspace-abcdef/containerd/x', partOf: undefined }, FOLDERS)).toBe(true);
});

test('what a user does with our files is never ours', () => {
  for (const commandLine of [
    'less\0/var/state/log/etcd.log',
    'node\0test.ts\0/var/state/local.json',
    'git\0clone\0/var/state/git',
  ]) {
    expect(belongsTo({ commandLine, cwd: '/var/state', partOf: undefined }, FOLDERS)).toBe(false);
  }
});

test('the loopback results of our pods are found by the pods of our network', () => {
  const names = ['streamspace-abcdef-111-eth0', 'cni-loopback-111-lo', 'streamspace-999999-222-eth0', 'cni-loopback-222-lo'];
  expect(resultsOf(names, 'streamspace-abcdef')).toEqual(['streamspace-abcdef-111-eth0', 'cni-loopback-111-lo']);
});
