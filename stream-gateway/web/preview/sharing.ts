// Made-up shares of every kind and state, and a link that lets in after a knock.
import type { SharedSession, ShareListView, ShareView } from '../../../schemas/api/sharing.ts';
import { OPEN_SHARING, share } from '../test/objects.ts';

export interface PreviewAnswer {
  readonly status: number;
  /** Null: no body. */
  readonly answer: unknown;
}

const made: ShareView[] = [];
let knocks = 0;

export function sharingAnswer(method: string, path: string, body: unknown, now: number): PreviewAnswer {
  if (path === 'share/visits') {
    knocks = 0;
    return { status: 201, answer: { ...visit('Waiting', now), pass: 'p'.repeat(43), name: 'Gil', guest: true } };
  }
  if (path === 'share/visits/state') {
    knocks += 1;
    return { status: 200, answer: visit(knocks > 3 ? 'Admitted' : 'Waiting', now) };
  }
  if (path === 'share/tickets') {
    const stream = '/api/v1/namespaces/team-web/sessions/terminal/stream';
    return { status: 201, answer: { ticket: 'preview', path: stream, expiresAt: new Date(now).toISOString() } };
  }
  if (path.endsWith('/shares') && method === 'GET') return { status: 200, answer: listOf(now) };
  if (path.endsWith('/shares')) {
    const { link, ...wish } = body as Partial<ShareView> & { readonly link?: true };
    const view = share(`share-${made.length}`, { ...wish, expiresAt: new Date(now + 3_600_000).toISOString() });
    made.push(view);
    return { status: 201, answer: { ...view, link: link === true ? `http://preview/share#${'x'.repeat(43)}` : null } };
  }
  return { status: 204, answer: null };
}

export function sharedSessions(now: number): readonly SharedSession[] {
  const expiresAt = new Date(now + 5_400_000).toISOString();
  return [
    {
      namespace: 'team-data',
      name: 'notebook-q2',
      owner: 'lead',
      displayName: 'Notebook',
      mode: 'View',
      expiresAt,
      running: true,
    },
  ];
}

function listOf(now: number): ShareListView {
  const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
  const items = [
    share('link', { mode: 'Control', maxUses: 5, uses: 2, viewers: 1, expiresAt: at(60), moderated: true }),
    share('people', {
      subjects: [
        { kind: 'User', name: 'viewer' },
        { kind: 'User', name: 'a-very-long-user-name-of-somebody-at-example.com' },
      ],
      expiresAt: at(600),
    }),
    share('over', { expiresAt: at(-5), refusal: { code: 'ShareExpired', message: 'the share ended five minutes ago' } }),
    ...made,
  ];
  return {
    items,
    policy: { ...OPEN_SHARING, maxTTL: '24h', maxViewers: 10, guests: true, requireApproval: true },
    refusal: null,
  };
}

function visit(state: 'Waiting' | 'Admitted', now: number) {
  return {
    state,
    session: { namespace: 'team-web', name: 'terminal' },
    right: 'view',
    moderated: false,
    expiresAt: new Date(now + 3_600_000).toISOString(),
  };
}
