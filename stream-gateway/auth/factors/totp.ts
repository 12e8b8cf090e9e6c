// One-time codes by time (RFC 6238): 6 digits, 30 seconds, SHA-1, which is what every app on a phone reads.
import { Secret, TOTP } from 'otpauth';

const DIGITS = 6;
const PERIOD_S = 30;
/** Steps that a clock may be off, each way (RFC 6238, 5.2). */
const DRIFT = 1;

/** 160 random bits in base32 (RFC 4226, 4). */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** `otpauth://totp/...`, which a QR code carries. */
export function totpUri(secret: string, { issuer, label }: { readonly issuer: string; readonly label: string }): string {
  return new TOTP({ secret, issuer, label, digits: DIGITS, period: PERIOD_S }).toString();
}

/** @returns the time step that the code belongs to; undefined: it is wrong. Whether it was used before is for the store to say. */
export function totpStep(secret: string, code: string, nowMs: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const totp = new TOTP({ secret, digits: DIGITS, period: PERIOD_S });
  const delta = totp.validate({ token: code, timestamp: nowMs, window: DRIFT });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}
