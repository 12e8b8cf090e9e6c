import { BlockList, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, formatCidr, parseAddress, parseCidr, unmapped } from './cidr.ts';

describe('a block', () => {
  test.each([
    '10.0.0.0/8',
    '0.0.0.0/0',
    '255.255.255.255/32',
    '::/0',
    '::1/128',
    '2001:db8::/32',
    '1:0:0:2::/64',
    'fd00::1:0:0:1/128',
    '1:2:3:4:5:6:7:8/128',
  ])('%s is read and written the same', (text) => {
    const block = parseCidr(text);
    expect(block === undefined ? undefined : formatCidr(block)).toBe(text);
  });

  test.each([
    ...['', '/', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.1/8', '10.0.0/8', '010.0.0.0/8', '256.0.0.0/8'],
    ...['1.2.3.4.5/32', '-1.0.0.0/8', '::/129', '2001:db8::1/32', ':::/0', '1::2::3/128', '1:2:3:4:5:6:7/128', '12345::/16'],
    ...['1:2:3:4:5:6:7:8::/128', '::1.2.3/128', '1.2.3.4::/128', ' 10.0.0.0/8', '10.0.0.0/8 ', '0x7f.0.0.1/32', '2130706433/32'],
    ...['fe80::1%eth0/128'],
  ])('"%s" is none', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

test('IPv4 in IPv6 is read by its last 32 bits, and the mapped form means the IPv4 address', () => {
  expect(parseAddress('::ffff:169.254.169.254')).toEqual(parseAddress('::ffff:a9fe:a9fe'));
  const mapped = parseAddress('::ffff:169.254.169.254');
  expect(mapped === undefined ? undefined : unmapped(mapped)).toEqual(parseAddress('169.254.169.254'));
});

test('what a block holds is what Node says of it', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(address, address, fc.nat(128), (of, text, length) => {
      const whole = parseAddress(of);
      const other = parseAddress(text);
      if (whole === undefined || other === undefined) throw new Error(`${of} or ${text} is not read`);
      const prefix = length % (whole.family === 4 ? 33 : 129);
      const rest = BigInt((whole.family === 4 ? 32 : 128) - prefix);
      const block = { ...whole, prefix, first: (whole.first >> rest) << rest };
      const list = new BlockList();
      list.addSubnet(of, prefix, isIPv6(of) ? 'ipv6' : 'ipv4');
      // Node takes the IPv4-mapped form for the IPv4 address; here they are two until `unmapped`.
      if (whole.family === other.family) expect(contains(block, other)).toBe(list.check(text, isIPv6(text) ? 'ipv6' : 'ipv4'));
      expect(parseCidr(formatCidr(block))).toEqual(block);
    }),
  );
});
