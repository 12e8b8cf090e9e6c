import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipboardFormat, MAX_CLIPBOARD_BYTES } from '../../schemas/kinds/policies/dlp-rules.ts';
import { type PolicyInForce, StreamPolicy } from '../stream/stream-policy.ts';
import { dispositionOf, rangeOf, sendArchive } from './send.ts';

function inForce(down: boolean): PolicyInForce {
  const formats = [...clipboardFormat.options];
  const clipboard = { up: true, down: true, maxBytes: MAX_CLIPBOARD_BYTES, formats, windowSeconds: 0, rules: [] };
  return { hash: '', rules: { clipboard, files: { up: true, down, denyTypes: [], scan: 'None' } }, origins: new Map() };
}

test('a download that never ends, ends when a policy closes it, or the right of the person is gone', async () => {
  for (const how of ['policy', 'right'] as const) {
    const policy = new StreamPolicy(inForce(true));
    const right = new AbortController();
    const content = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(64 * 1024);
      })(),
    );
    const app = express().get('/', (_req, res) =>
      sendArchive(res, { content, name: 'a', entered: { policy, rightEnded: right.signal } }),
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    const reading = (async (): Promise<void> => {
      for await (const chunk of answer.body ?? []) {
        expect(chunk.length).toBeGreaterThan(0);
        if (how === 'policy') policy.replace(inForce(false));
        else right.abort(new Error('gone'));
      }
    })();
    await expect(reading).rejects.toThrow('terminated');
    expect(content.destroyed).toBe(true);
    server.close();
  }
});

test.each([
  [undefined, undefined],
  ['bytes=0-', { start: 0, end: 99 }],
  ['bytes=10-19', { start: 10, end: 19 }],
  ['bytes=90-500', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-500', { start: 0, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=20-10', undefined],
  ['bytes=0-1,5-6', undefined],
  ['lines=1-2', undefined],
  ['bytes=-', undefined],
])('of 100 bytes the range %s', (header, range) => {
  expect(rangeOf(header, 100)).toEqual(range);
});

test('whatever the header, a range lies in the file', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
      ),
      fc.nat(1_000),
      (header, bytes) => {
        const range = rangeOf(header, bytes);
        if (typeof range !== 'object') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(bytes);
      },
    ),
  );
});

test('a name never leaves its place in the header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      fc.pre(name.isWellFormed());
      expect(dispositionOf(name)).toMatch(/^attachment; filename="[^"\\%]*"; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]*$/);
    }),
  );
});
