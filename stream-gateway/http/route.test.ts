import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { NOBODY } from './nobody.ts';
import { type RawCall, route } from './route.ts';

const echo = route({
  method: 'post',
  path: '/echo/{name}',
  operationId: 'echo',
  summary: 'Gives back what it got.',
  tag: 'Meta',
  params: z.object({ name: z.string() }),
  body: { name: 'Echo', schema: z.object({ text: z.string(), further: z.record(z.string(), z.unknown()).optional() }) },
  responses: { 200: null },
  handle: async ({ params, body }) => ({ status: 200, body: { ...params, ...body } }),
});

function call(raw: Partial<RawCall>): RawCall {
  return {
    ...{ identity: NOBODY, params: { name: 'a' }, query: {}, body: { text: 'b' }, headers: {}, sourceAddress: '' },
    // It reads none of its bytes.
    incoming: {} as IncomingMessage,
    signal: AbortSignal.timeout(10_000),
    ...raw,
  };
}

describe('the character that no database stores', () => {
  test.each([
    ['name', { params: { name: 'a\0' } }],
    ['text', { body: { text: '\0' } }],
    ['further.deep.1', { body: { text: 'b', further: { deep: ['', 'x\0'] } } }],
    ['further', { body: { text: 'b', further: { 'x\0': 1 } } }],
  ])('is refused by the name of the field: %s', async (path, raw) => {
    await expect(echo.run(call(raw))).rejects.toMatchObject({
      code: 'RequestInvalid',
      facts: { fields: [{ path, message: 'leave out the character U+0000' }] },
    });
  });

  test('is looked for however deep a body is', async () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 60_000; level += 1) deep = [deep];
    await expect(echo.run(call({ body: { text: 'b', further: { deep } } }))).resolves.toMatchObject({ status: 200 });
  });

  test('and what is without it is taken as it is', async () => {
    await expect(echo.run(call({}))).resolves.toEqual({ status: 200, body: { name: 'a', text: 'b' } });
  });
});
