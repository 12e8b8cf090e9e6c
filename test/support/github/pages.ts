// The few pages of GitHub that a browser comes by when somebody signs in through an OAuth App. Whoever gives a name has that account.
import { randomBytes } from 'node:crypto';
import type { Forge } from './forge.ts';
import type { Account } from './state.ts';

export interface PageRequest {
  readonly method: string;
  readonly url: URL;
  readonly cookie: string | undefined;
  readonly form: URLSearchParams;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const AUTHORIZE = '/login/oauth/authorize';
const TOKEN = '/login/oauth/access_token';
const COOKIE = 'user_session';
/** By forge: accounts stay signed in when they are renamed. */
const sessions = new WeakMap<Forge, Map<string, Account>>();

export function isPage({ pathname }: URL): boolean {
  return pathname === '/login' || pathname === '/session' || pathname === AUTHORIZE || pathname === TOKEN;
}

export function answerPage(forge: Forge, { method, url, cookie, form }: PageRequest): PageAnswer {
  switch (`${method} ${url.pathname}`) {
    case `GET ${AUTHORIZE}`:
      return authorize(forge, url, cookie);
    case `POST ${TOKEN}`:
      return { status: 200, headers: { 'cache-control': 'no-store' }, body: forge.oauth.redeem(form) };
    case 'GET /login':
      return { status: 200, headers: {}, body: `<form method="post" action="/session${url.search}">` };
    case 'POST /session': {
      const secret = randomBytes(12).toString('hex');
      const known = sessions.get(forge) ?? new Map<string, Account>();
      sessions.set(forge, known.set(secret, forge.account(form.get('name') ?? '')));
      return redirect(url.searchParams.get('return_to') ?? '/', { 'set-cookie': `${COOKIE}=${secret}; path=/; HttpOnly` });
    }
    default:
      return { status: 404, headers: {}, body: 'Not Found' };
  }
}

function authorize(forge: Forge, url: URL, cookie = ''): PageAnswer {
  const app = forge.oauth.find(url.searchParams.get('client_id'));
  if (app === undefined) return { status: 404, headers: {}, body: 'Not Found' };
  const [, secret = ''] = new RegExp(`(?:^|; )${COOKIE}=([0-9a-f]+)`).exec(cookie) ?? [];
  const account = sessions.get(forge)?.get(secret);
  if (account !== undefined) return redirect(forge.oauth.authorize(app, account, url.searchParams));
  return redirect(`/login?${new URLSearchParams({ return_to: `${url.pathname}${url.search}` }).toString()}`);
}

function redirect(location: string, headers: Readonly<Record<string, string>> = {}): PageAnswer {
  return { status: 302, headers: { ...headers, location }, body: '' };
}
