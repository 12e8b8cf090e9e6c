// Headers that a browser obeys (helmet). The page loads nothing from anywhere else.
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityHeaderOptions {
  readonly publicUrl: string;
  /** URLs of the providers: the sign-out form is redirected there, which browsers count as a target of the form. */
  readonly issuers: () => readonly string[];
}

const HSTS_SECONDS = 31_536_000;

/** Of an answer that is written without Express and is nothing to look at. */
export function bareHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
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
        // Mantine sets inline styles.
        styleSrc: ["'self'", "'unsafe-inline'"],
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
