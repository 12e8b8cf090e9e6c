// The gateway's two cookies (RFC 6265). Values are base64url, so nothing needs quoting.

/** Of a signed-in browser. */
export const SIGN_IN_COOKIE = 'streamspace_session';
/** Of a browser whose sign-in is on its way; holds what PKCE verifier and nonce are derived from. */
export const PENDING_COOKIE = 'streamspace_sign_in';
/** Of a browser whose second factor is still missing. */
export const WAITING_COOKIE = 'streamspace_waiting';

/**
 * The value of a cookie when it has the form of one of our secrets; the first wins, as browsers send the most specific first.
 * @param at where it is set, and so by which name; left out: by any of its names
 */
export function cookieSecret(
  header: string | undefined,
  name: string,
  at?: Pick<CookieOptions, 'secure' | 'path'>,
): string | undefined {
  const names = at === undefined ? [`__Host-${name}`, `__Secure-${name}`, name] : [nameOf(name, at)];
  for (const pair of header?.split(';') ?? []) {
    const [key = '', value] = pair.split('=', 2);
    if (names.includes(key.trim()) && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value.trim())) return value.trim();
  }
  return undefined;
}

export interface CookieOptions {
  readonly secure: boolean;
  readonly path: string;
  readonly maxAgeMs: number;
}

/** With a prefix that no page of another host, or without TLS, can set (RFC 6265bis, 4.1.3): `__Host-` demands the path `/`. */
function nameOf(name: string, { secure, path }: Pick<CookieOptions, 'secure' | 'path'>): string {
  if (!secure) return name;
  return path === '/' ? `__Host-${name}` : `__Secure-${name}`;
}

export function setCookie(name: string, value: string, { secure, path, maxAgeMs }: CookieOptions): string {
  const attributes = ['HttpOnly', 'SameSite=Lax', `Path=${path}`, `Max-Age=${Math.floor(maxAgeMs / 1000)}`];
  return [`${nameOf(name, { secure, path })}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}

export function clearCookie(name: string, options: Omit<CookieOptions, 'maxAgeMs'>): string {
  return setCookie(name, '', { ...options, maxAgeMs: 0 });
}
