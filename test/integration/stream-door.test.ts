// The one door of streams: who comes in, who does not, and what each is told.
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ORIGIN, type StreamServer } from '../support/stream-server.ts';
import { streamWorld } from '../support/stream-world.ts';

describe('the door', () => {
  async function upgrade(
    server: StreamServer,
    headers: Record<string, string>,
    path?: string,
  ): Promise<{ status: number; body: string }> {
    const request = httpRequest({
      port: server.port,
      host: '127.0.0.1',
      path: path ?? new URL(server.url).pathname,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        ...headers,
      },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
    return { status: response.statusCode ?? 0, body };
  }
  const protocols = (ticket: string): Record<string, string> => ({
    'Sec-WebSocket-Protocol': `binary, streamspace.ticket.${ticket}`,
  });

  test.each([
    ['missing', {}],
    ['null', { Origin: 'null' }],
    ['foreign', { Origin: 'https://evil.example' }],
    ['a look-alike', { Origin: `${ORIGIN}.evil.example` }],
    ['of another scheme', { Origin: ORIGIN.replace('https', 'http') }],
  ])('G-51 an Origin that is %s is refused before the upgrade, and the ticket is still good', async (_name, origin) => {
    await using here = await streamWorld();
    const ticket = here.server.ticket('control');
    const { status, body } = await upgrade(here.server, { ...protocols(ticket), ...origin });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({
      code: 'OriginForbidden',
      status: 403,
      type: `${ORIGIN}/api/v1/errors/OriginForbidden`,
    });
    expect(here.server.audit).toMatchObject([{ type: 'origin.refused', actor: null, object: 'Session/team-web/one' }]);
    await using client = await here.server.connect('control', { ticket });
    expect(client.width).toBe(64);
  });

  test('G-50 a ticket opens one stream; replayed, made up or missing it is refused and audited', async () => {
    await using here = await streamWorld();
    const ticket = here.server.ticket('control');
    await using _client = await here.server.connect('control', { ticket });
    const tries = [protocols(ticket), protocols('made-up-by-somebody'), { 'Sec-WebSocket-Protocol': 'binary' }];
    for (const headers of tries) {
      const { status, body } = await upgrade(here.server, { ...headers, Origin: ORIGIN });
      expect([status, JSON.parse(body).code]).toEqual([403, 'TicketInvalid']);
      expect(body).not.toContain(ticket);
    }
    expect(here.server.audit.filter(({ type }) => type === 'ticket.refused')).toHaveLength(3);
  });

  test('another path is not found, and a path with tricks is none', async () => {
    await using here = await streamWorld();
    for (const path of [
      '/',
      '/api/v1/namespaces/a/sessions/b/../c/stream',
      '/api/v1/namespaces/A/sessions/b/stream',
      '/api/v1/namespaces/a/sessions/%62/stream',
    ]) {
      expect((await upgrade(here.server, { ...protocols('t'), Origin: ORIGIN }, path)).status).toBe(404);
    }
  });

  test('one stream more than a session may have is told so, over the WebSocket', async () => {
    await using here = await streamWorld({ registry: { maxPerSession: 2 } });
    await using _one = await here.server.connect('control');
    await using two = await here.server.connect('view');
    await expect(here.server.connect('view')).rejects.toThrow(
      'closed with 1009 StreamLimitReached: session one has 2 of 2 streams',
    );
    await two.close();
    await expect.poll(() => here.server.registry.size).toBe(1);
    await using three = await here.server.connect('view');
    expect(three.width).toBe(64);
  });

  test('G-45 a gateway that drains closes with 1012 and lets no new stream in', async () => {
    await using here = await streamWorld();
    await using client = await here.server.connect('control');
    here.server.drain();
    expect(await client.closed).toMatchObject({ code: 1012, reason: expect.stringMatching(/^ShuttingDown: /) });
    expect((await upgrade(here.server, { ...protocols(here.server.ticket('view')), Origin: ORIGIN })).status).toBe(503);
  });

  test('a stream can be cut by person, and reads why', async () => {
    await using here = await streamWorld();
    await using client = await here.server.connect('control', { ticket: here.server.ticket('control', 'lead') });
    await using other = await here.server.connect('view');
    expect(here.server.registry.closeWhere(({ person }) => person === 'lead', 'Forbidden', 'the right was taken away')).toBe(1);
    expect(await client.closed).toEqual({ code: 1008, reason: 'Forbidden: the right was taken away' });
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });
});
