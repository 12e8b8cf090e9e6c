// The few things of a browser that a sign-in needs: cookies by host and path, and no redirect followed by itself.
import { personOf, type Servers } from './servers.ts';

interface Cookie {
  readonly value: string;
  readonly path: string;
}

export class Visitor {
  readonly servers: Servers;
  readonly #cookies = new Map<string, Cookie>();

  constructor(servers: Servers) {
    this.servers = servers;
  }

  /** `sign-in` of one visitor and the callback in another is what an attacker does. */
  cookie(name: string): string | undefined {
    return [...this.#cookies].find(([key]) => key.endsWith(` ${name}`))?.[1].value;
  }

  async open(
    address: string,
    init: {
      readonly method?: string;
      readonly form?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Response> {
    const url = new URL(address, this.servers.url);
    const cookies = [...this.#cookies].flatMap(([key, { value, path }]) => {
      const [origin, name] = key.split(' ');
      return origin === url.origin && url.pathname.startsWith(path) ? [`${name}=${value}`] : [];
    });
    const response = await fetch(url, {
      redirect: 'manual',
      method: init.method ?? (init.form === undefined && init.json === undefined ? 'GET' : 'POST'),
      headers: {
        cookie: cookies.join('; '),
        ...(init.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      },
      ...(init.form === undefined ? {} : { body: new URLSearchParams(init.form) }),
      ...(init.json === undefined ? {} : { body: JSON.stringify(init.json) }),
    });
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      const path = /;\s*path=([^;]+)/i.exec(header)?.[1] ?? '/';
      if (value === '') this.#cookies.delete(`${url.origin} ${name}`);
      else this.#cookies.set(`${url.origin} ${name}`, { value, path });
    }
    return response;
  }

  /** Signs in at the provider's page and stops at the address of our callback, which it does not open. */
  async untilCallback(
    name: string,
    returnTo = '/',
    provider?: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const query = new URLSearchParams({ returnTo, ...(provider === undefined ? {} : { provider }), ...more });
    let at = new URL(`/auth/sign-in?${query.toString()}`, this.servers.url).href;
    let response = await this.open(at);
    for (let hops = 0; hops < 12; hops += 1) {
      const location = response.headers.get('location');
      if (location !== null) {
        at = new URL(location, at).href;
        if (at.startsWith(`${this.servers.url}/auth/callback`)) return at;
        response = await this.open(at);
      } else {
        const action = /<form method="post" action="([^"]+)"/.exec(await response.text())?.[1];
        if (action === undefined) throw new Error(`no form at ${at} (${response.status})`);
        at = new URL(action.replaceAll('&amp;', '&'), at).href;
        response = await this.open(at, { form: { name, password: personOf(this.servers, name).password } });
      }
    }
    throw new Error('too many redirects');
  }

  /** @returns where the sign-in leads, and the token for changes */
  async signIn(name: string, returnTo = '/'): Promise<{ readonly location: string; readonly csrfToken: string }> {
    const callback = await this.open(await this.untilCallback(name, returnTo));
    if (callback.status !== 303) throw new Error(`the callback answered ${callback.status}: ${await callback.text()}`);
    const me = (await (await this.open('/api/v1/me')).json()) as { readonly csrfToken: string };
    return { location: callback.headers.get('location') ?? '', csrfToken: me.csrfToken };
  }
}
