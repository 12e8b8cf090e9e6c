// The way in while the identity provider is away, made by the command: who gets in, for how long, and what is said of it.
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { Database } from '../../runtime/db/database.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { createRateLimits, LIMITS } from '../../stream-gateway/http/rate-limits.ts';
import { listSignIns } from '../../stream-gateway/store/own-sign-ins.ts';
import { findPerson } from '../../stream-gateway/store/people.ts';
import { lockPerson } from '../../stream-gateway/store/person-locks.ts';
import { authApp, providerAt } from '../support/auth-app.ts';
import { streamspace } from '../support/command.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { listening } from '../support/listening.ts';

const servers = inject('servers');

interface World extends AsyncDisposable {
  readonly db: Database;
  readonly events: readonly AuditEvent[];
  readonly path: string;
  readonly password: string;
  /** From an address of this machine. */
  attempt(password: string, from?: string): Promise<{ readonly status: number; readonly cookie: string; readonly text: string }>;
}

async function world(options: { readonly configured?: false } = {}): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { db } = stack.use(await freshDatabase(servers));
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-break-glass-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'break-glass.json');
  const made = await streamspace(['break-glass', 'create', '--file', path, '--name', 'ops']);
  const events: AuditEvent[] = [];
  const gateway = stack.use(
    await listening((publicUrl) =>
      authApp({
        ...{ db, publicUrl, audit: async (event) => void events.push(event) },
        // Nothing answers there.
        provider: providerAt('http://127.0.0.1:9', 'client', publicUrl),
        breakGlass: {
          file: options.configured === false ? undefined : path,
          guesses: createRateLimits(() => undefined).breakGlassGuesses,
        },
      }),
    ),
  );
  const moved = stack.move();
  return {
    ...{ db, events, path, password: made.stdout.trim() },
    attempt: (password, localAddress = '127.0.0.1') =>
      new Promise((resolve, reject) => {
        const url = new URL('/auth/break-glass', gateway.url);
        const headers = { 'content-type': 'application/json' };
        const sent = request(url, { method: 'POST', localAddress, headers, agent: false }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0] ?? '', text }),
          );
        });
        sent.on('error', reject).end(JSON.stringify({ password }));
      }),
    [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose](),
  };
}

test('the password lets in for an hour, with the groups of the file, while the identity provider is away; it is an event', async () => {
  await using one = await world();
  const answer = await one.attempt(one.password);
  expect([answer.status, answer.cookie]).toEqual([204, expect.stringMatching(/^streamspace_session=.*Max-Age=3600/)]);
  expect(await findPerson(one.db, 'break-glass:ops')).toMatchObject({ groups: ['platform-admins'] });
  const [signIn] = await listSignIns(one.db, 'break-glass:ops');
  expect((signIn?.expiresAt.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(3_600_000);
  expect(one.events).toMatchObject([
    { type: 'breakglass.used', actor: 'break-glass:ops', result: 'success', details: { severity: 'high' } },
  ]);
});

test('the file holds no password, is for its owner only, and another password takes the place of the old one without a restart', async () => {
  await using one = await world();
  const text = await readFile(one.path, 'utf8');
  expect(text).not.toContain(one.password);
  expect((await stat(one.path)).mode & 0o777).toBe(0o600);
  const again = await streamspace(['break-glass', 'create', '--file', one.path]);
  expect([again.code, again.stdout, again.stderr]).toEqual([2, '', expect.stringContaining('--replace')]);
  const renewed = (await streamspace(['break-glass', 'create', '--file', one.path, '--name', 'ops', '--replace'])).stdout.trim();
  expect(renewed).not.toBe(one.password);
  expect([(await one.attempt(one.password)).status, (await one.attempt(renewed)).status]).toEqual([401, 204]);
});

test('P-01-12 an address that guesses is banned, even with the right password; from elsewhere the account stays open', async () => {
  await using one = await world();
  const [guesser, other] = [`127.${randomInt(1, 255)}.3.4`, `127.${randomInt(1, 255)}.5.6`];
  const tries = LIMITS.wrongBreakGlass.points + 1;
  for (let attempt = 0; attempt < tries; attempt += 1) expect((await one.attempt('wrong', guesser)).status).toBe(401);
  expect((await one.attempt(one.password, guesser)).status).toBe(429);
  expect((await one.attempt(one.password, other)).status).toBe(204);
  const refused = one.events.filter(({ type }) => type === 'breakglass.refused');
  expect(refused).toHaveLength(tries);
  expect(refused[0]).toMatchObject({ actor: null, result: 'refused', sourceAddress: guesser, details: { severity: 'high' } });
});

test('many passwords of one address at the same time are not all checked: memory stays bounded', async () => {
  await using one = await world();
  const answers = await Promise.all(Array.from({ length: 12 }, () => one.attempt('wrong', '127.9.9.9')));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(LIMITS.wrongBreakGlass.points + 1);
});

test('a locked account, a password of another form, and a gateway without the setting let nobody in', async () => {
  await using one = await world();
  expect((await one.attempt('')).status).toBe(400);
  expect((await one.attempt('x'.repeat(257))).status).toBe(400);
  await lockPerson(one.db, 'break-glass:ops', { by: 'admin', reason: 'rotated' });
  expect(await one.attempt(one.password)).toMatchObject({ status: 401, text: expect.stringContaining('PersonLocked') });
  await using without = await world({ configured: false });
  expect((await without.attempt(without.password)).status).toBe(404);
});
