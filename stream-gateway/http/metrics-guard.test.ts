import type { Request, Response } from 'express';
import { expect, test } from 'vitest';
import { isPrivateAddress, privateOnly } from './metrics-guard.ts';

function ask(remoteAddress: string | undefined, headers: Readonly<Record<string, string>> = {}): boolean {
  let passed = false;
  privateOnly({ headers, socket: { remoteAddress } } as unknown as Request, {} as Response, () => {
    passed = true;
  });
  return passed;
}

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '::1',
  '::ffff:10.1.2.3',
  '10.244.0.7',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.0.9',
  'fd00::5',
])('%s is of this machine or the cluster', (address) => {
  expect(ask(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '11.0.0.1', '::ffff:8.8.8.8', '2001:db8::1', 'fe80::1', '', undefined])(
  '%s learns nothing, not even that there is something',
  (address) => {
    expect(() => ask(address)).toThrow(expect.objectContaining({ code: 'NotFound' }));
  },
);

test.each([{ 'x-forwarded-for': '10.0.0.1' }, { forwarded: 'for=10.0.0.1' }, { 'x-forwarded-for': '' }])(
  'what came through a proxy is refused whatever it says: %j',
  (headers) => {
    expect(() => ask('10.0.0.2', headers)).toThrow(expect.objectContaining({ code: 'NotFound' }));
  },
);

test('what is no address is not private', () => {
  expect(isPrivateAddress('10.0.0.1.evil.example')).toBe(false);
});
