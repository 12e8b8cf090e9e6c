// Headers that a browser obeys (helmet). The page loads nothing from anywhere else, and a style inside of it needs the nonce of
// the one answer that it came with (ADR 0056).
import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

export interface SecurityHeaderOptions {
  readonly publicUrl: string;
  /** URLs of the providers: the sign-out form is redirected there, which browsers count as a target of the form. */
  readonly issuers: () => readonly string[];
}

const HSTS_SECONDS = 31_536_000;
const POLICY = 'Content-Security-Policy';
const STYLES = "style-src 'self'";

/** Of an answer that is written without Express and is nothing to look at. */
export function bareHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return {
    [POLICY]: "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    ...(publicUrl.startsWith('https:') ? { 'Strict-Transport-Security': `max-age=${HSTS_SECONDS}; includeSubDomains` } : {}),
  };
}

export function securityHeaders({ publicUrl, issuers }: SecurityHeaderOptions): RequestHandler {
  const page = new URL(publicUrl);
  const secure = page.protocol === 'https:';
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"], // nonceForStyles adds to it where HTML is answered
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'"],
        // Older browsers do not take 'self' for the WebSocket of the same host.
        connectSrc: ["'self'", `${secure ? 'wss' : 'ws'}://${page.host}`],
        workerSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        mediaSrc: ["'self'", 'blob:'],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'", () => [...new Set(issuers().map((issuer) => new URL(issuer).origin))].join(' ')],
      },
    },
    strictTransportSecurity: secure ? { maxAge: HSTS_SECONDS } : false,
    referrerPolicy: { policy: 'same-origin' },
  });
}

/**
 * Lets in the styles of this one answer that have the nonce which is returned. The answer must not be kept by anybody, or the
 * nonce would be used again.
 */
export function nonceForStyles(res: Response): string {
  const nonce = randomBytes(16).toString('base64url');
  const policy = String(res.getHeader(POLICY)).replace(STYLES, `${STYLES} 'nonce-${nonce}'`);
  res.setHeader(POLICY, policy).setHeader('Cache-Control', 'no-store');
  return nonce;
}
