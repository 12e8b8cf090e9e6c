import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseSubnet, networksOf } from './subnet.ts';

const ROUTES = [
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
  'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
  'ss-abcdef\t0038F90A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
].join('\n');

test('the default route is no network in use, the bridge of another installation is one', () => {
  expect(networksOf(ROUTES)).toEqual([{ address: 0x0af93800, mask: 0xffffff00 }]);
});

test('a subnet is never one that is in use, and always within 10.244 to 10.254', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(2815), { maxLength: 50 }), (seed, indexes) => {
      const used = indexes.map((index) => ({ address: ((10 << 24) | (244 << 16)) + (index << 8), mask: 0xffffff00 }));
      const chosen = chooseSubnet(used, seed);
      const [first, second, third] = chosen.split('.').map(Number);
      expect(first).toBe(10);
      expect(second).toBeGreaterThanOrEqual(244);
      expect(second).toBeLessThanOrEqual(254);
      const address = (((first ?? 0) << 24) | ((second ?? 0) << 16) | ((third ?? 0) << 8)) >>> 0;
      expect(used.map((network) => network.address >>> 0)).not.toContain(address);
    }),
  );
});

test('a wider network in use rules out all that lies in it', () => {
  expect(() => chooseSubnet([{ address: 10 << 24, mask: 0xff000000 }], 0)).toThrow(/in use/);
  expect(chooseSubnet([{ address: (10 << 24) | (244 << 16), mask: 0xffff0000 }], 0)).toBe('10.245.0');
});
