import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handedSourceOf, handOver, handOverOf, requestOf } from './hand-over.ts';
import { toStreams } from './messages.ts';

const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);
const value = fc.oneof(fc.string({ maxLength: 50 }), fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 }));

/** As the channel between two processes does it. */
const sent = (message: unknown): unknown => deserialize(serialize(message));

test('a request comes out of the channel as it went in', () => {
  fc.assert(
    fc.property(
      fc.dictionary(name, value, { noNullPrototype: true }),
      fc.webPath(),
      fc.uint8Array({ maxLength: 300 }),
      (headers, url, head) => {
        const request = new IncomingMessage(new Socket());
        Object.assign(request, { method: 'GET', url, headers });
        const handed = handOver.parse(sent(handOverOf(request, Buffer.from(head), '203.0.113.7')));
        const again = requestOf(handed, new Socket());
        expect(again.headers).toEqual(headers);
        expect([again.method, again.url]).toEqual(['GET', url]);
        expect(Buffer.from(handed.head)).toEqual(Buffer.from(head));
        expect(handedSourceOf(again)).toBe('203.0.113.7');
      },
    ),
    { numRuns: 50 },
  );
});

test('what is no message is told from one, whatever it is', () => {
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      expect(toStreams.safeParse(anything).success).toBe(false);
    }),
  );
  expect(toStreams.safeParse({ type: 'upgrade', method: 'GET', url: '/', headers: {}, head: 'text' }).success).toBe(false);
});
