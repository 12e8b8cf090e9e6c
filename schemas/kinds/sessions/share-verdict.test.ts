import { describe, expect, test } from 'vitest';
import { OPEN_SHARING } from '../policies/session-rules.ts';
import { type SessionShare, sessionShareSpec } from './session-share.ts';
import { isUsedUp, shareRefusal, wishRefusal } from './share-verdict.ts';

const CREATED = '2026-01-01T10:00:00Z';
const at = (time: string): number => Date.parse(`2026-01-01T${time}Z`);

function share(spec: Partial<SessionShare['spec']> = {}, uses?: number): SessionShare {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'SessionShare',
    metadata: { name: 's', namespace: 'team-web', creationTimestamp: CREATED },
    spec: {
      sessionRef: { name: 'a', uid: 'u' },
      sharedBy: { person: 'member', admin: false },
      linkHash: 'a'.repeat(64),
      mode: 'View',
      expiresAt: '2026-01-01T12:00:00Z',
      moderated: false,
      revoked: false,
      ...spec,
    },
    ...(uses === undefined ? {} : { status: { uses } }),
  };
}

describe('G-48 a share', () => {
  test('lets in until it ends, to the millisecond, and says when it ended', () => {
    expect(shareRefusal(share(), undefined, at('11:59:59.999'))).toBeUndefined();
    expect(shareRefusal(share(), undefined, at('12:00:00'))).toMatchObject({ code: 'ShareExpired' });
  });

  test('ends earlier where a policy says so that came later, never later', () => {
    const policy = { ...OPEN_SHARING, maxTTL: '1h' };
    expect(shareRefusal(share(), policy, at('10:59:59'))).toBeUndefined();
    expect(shareRefusal(share(), policy, at('11:00:00'))).toMatchObject({ code: 'ShareExpired' });
    expect(shareRefusal(share(), { ...OPEN_SHARING, maxTTL: '9h' }, at('12:00:00'))).toMatchObject({ code: 'ShareExpired' });
  });

  test('that was revoked says that, also when it is over by now', () => {
    expect(shareRefusal(share({ revoked: true }), undefined, at('23:00:00'))).toMatchObject({ code: 'ShareRevoked' });
  });

  test('is used up at the count and not before', () => {
    expect(isUsedUp(share({ maxUses: 2 }, 1))).toBe(false);
    expect(isUsedUp(share({ maxUses: 2 }, 2))).toBe(true);
    expect(isUsedUp(share({}, 1_000))).toBe(false);
  });
});

describe('a policy', () => {
  const people = [{ kind: 'User', name: 'viewer' }] as const;
  const team = [...people, { kind: 'Team', name: 'web' }] as const;
  const wish = { mode: 'View', sharedBy: { person: 'member', admin: false } } as const;
  test.each([
    ['None', ['SharingNotAllowed', 'SharingNotAllowed', 'SharingNotAllowed']],
    ['People', [undefined, 'SharingNotAllowed', 'SharingNotAllowed']],
    ['Team', [undefined, undefined, 'SharingNotAllowed']],
    ['Link', [undefined, undefined, undefined]],
  ] as const)('that allows %s', (allow, codes) => {
    const policy = { ...OPEN_SHARING, allow };
    const wishes = [{ ...wish, subjects: people }, { ...wish, subjects: team }, wish];
    expect(wishes.map((each) => wishRefusal(each, policy)?.code)).toEqual(codes);
  });

  test('for admins only, or for looking on only, refuses others with a code each', () => {
    expect(wishRefusal(wish, { ...OPEN_SHARING, by: 'Admins' })).toMatchObject({ code: 'ShareAdminsOnly' });
    const byAdmin = { ...wish, sharedBy: { person: 'lead', admin: true } };
    expect(wishRefusal(byAdmin, { ...OPEN_SHARING, by: 'Admins' })).toBeUndefined();
    expect(wishRefusal({ ...wish, mode: 'Control' }, { ...OPEN_SHARING, modes: ['View'] })).toMatchObject({
      code: 'ShareModeNotAllowed',
    });
  });
});

test('a share is for subjects or has a link, never both or neither', () => {
  const { spec } = share();
  expect(sessionShareSpec.safeParse(spec).success).toBe(true);
  expect(sessionShareSpec.safeParse({ ...spec, subjects: [{ kind: 'User', name: 'a' }] }).success).toBe(false);
  expect(sessionShareSpec.safeParse({ ...spec, linkHash: undefined }).success).toBe(false);
});
