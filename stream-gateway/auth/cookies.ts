// The gateway's two cookies (RFC 6265). Values are base64url, so nothing needs quoting.

/** Of a signed-in browser. */
export const SIGN_IN_COOKIE = 'streamspace_session';
/** Of a browser whose sign-in is on its way; holds what PKCE verifier and nonce are derived from. */
export const PENDING_COOKIE = 'streamspace_sign_in';

/** Of a browser whose second factor is still missing. */
export const WAITING_COOKIE = 'streamspace_waiting';

/** The value of a cookie when it has the form of one of our secrets; the first wins, as browsers send the most specific first. */
export function cookieSecret(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value.trim())) return value.trim();
  }
  return undefined;
}

export interface CookieOptions {
  readonly secure: boolean;
  readonly path: string;
  readonly maxAgeMs: number;
}

export function setCookie(name: string, value: string, { secure, path, maxAgeMs }: CookieOptions): string {
  const attributes = ['HttpOnly', 'SameSite=Lax', `Path=${path}`, `Max-Age=${Math.floor(maxAgeMs / 1000)}`];
  return [`${name}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}

export function clearCookie(name: string, options: Omit<CookieOptions, 'maxAgeMs'>): string {
  return setCookie(name, '', { ...options, maxAgeMs: 0 });
}
