import { UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { looksLikeToken, MachineTokens, parseMachineCredential } from './machine-tokens.ts';
import { machinePerson } from './machines.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
/** The API server judges it; what is read of it here is its end. */
const tokenUntil = (seconds: number): string =>
  new UnsecuredJWT({}).setExpirationTime(Math.floor(NOW.getTime() / 1_000) + seconds).encode();
const GOOD = {
  authenticated: true,
  audiences: ['streamspace'],
  user: { username: 'system:serviceaccount:team-web:machine-ci', uid: 'uid-1' },
};

function world(status: object) {
  const asked: unknown[] = [];
  let elapsedMs = 0;
  const tokens = new MachineTokens({
    client: {
      json: async <T>(request: { readonly body?: string }) => {
        asked.push(JSON.parse(request.body ?? ''));
        return { status } as T;
      },
    },
    machines: {
      ofAccount: (namespace, account) =>
        namespace === 'team-web' && account === 'machine-ci' ? machinePerson('web', 'ci') : undefined,
    },
    now: () => elapsedMs,
    clock: () => NOW,
  });
  return {
    tokens,
    asked,
    pass: (ms: number) => {
      elapsedMs += ms;
    },
  };
}

describe('the token of a ServiceAccount', () => {
  test('is reviewed for our audience, and is the machine until it ends', async () => {
    const { tokens, asked } = world(GOOD);
    const token = tokenUntil(600);
    const read = await tokens.read(token);
    expect(read).toMatchObject({ person: { name: 'machine:web.ci', groups: [] }, expiresAt: new Date(NOW.getTime() + 600_000) });
    expect(asked).toMatchObject([{ kind: 'TokenReview', spec: { token, audiences: ['streamspace'] } }]);
    expect(parseMachineCredential('credential' in read ? read.credential : '')).toEqual({
      ...{ uid: 'uid-1', user: 'machine:web.ci', expiresAtMs: NOW.getTime() + 600_000 },
    });
  });

  test.each([
    ['that the API server does not know', { authenticated: false }],
    ['of another audience', { ...GOOD, audiences: ['vault'] }],
    ['of an API server that looked at no audience', { ...GOOD, audiences: undefined }],
    ['of a person of the cluster', { ...GOOD, user: { username: 'ann', uid: 'uid-1' } }],
  ])('%s is not good', async (_what, status) => {
    expect(await world(status).tokens.read(tokenUntil(600))).toEqual({ refused: 'invalid' });
  });

  test('of an account that is no machine is told apart from one that is not good', async () => {
    const user = { username: 'system:serviceaccount:team-web:default', uid: 'uid-2' };
    expect(await world({ ...GOOD, user }).tokens.read(tokenUntil(600))).toEqual({ refused: 'unknown' });
  });

  test('is asked about once in a few seconds, and its end is looked at each time', async () => {
    const { tokens, asked, pass } = world(GOOD);
    const token = tokenUntil(600);
    await tokens.read(token);
    await tokens.read(token);
    expect(asked).toHaveLength(1);
    pass(4_001);
    await tokens.read(token);
    expect(asked).toHaveLength(2);
    expect(await tokens.read(tokenUntil(-1))).toEqual({ refused: 'invalid' });
  });
});

test('a key of ours, and what has no three parts, is taken for no token', () => {
  expect(looksLikeToken(tokenUntil(1).replace(/\.$/, '.c2ln'))).toBe(true);
  for (const text of ['', 'ssk_a_b_c', 'a.b', 'a..c', 'a.b.c.d', 'a.b.ü']) expect(looksLikeToken(text)).toBe(false);
});
