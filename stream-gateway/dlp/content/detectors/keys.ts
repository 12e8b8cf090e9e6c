// Private keys and the tokens of well-known services. Every expression begins at a fixed prefix and is bounded, or runs over
// characters that cannot begin it again, so the work grows with the text and not with its square.
import type { Span } from '../span.ts';

function matches(text: string, expression: RegExp): readonly Span[] {
  return [...text.matchAll(expression)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}

const PEM = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const PEM_END = /-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const PUTTY = /PuTTY-User-Key-File-[0-9]{1,2}:/g;

/** PEM (RFC 7468, RFC 4716, OpenSSH, PGP) and PuTTY; one whose end is cut off reaches to the end of the text. */
export function privateKeys(text: string): readonly Span[] {
  const found: Span[] = [];
  let at = 0;
  for (const { index } of text.matchAll(PEM)) {
    if (index < at) continue;
    PEM_END.lastIndex = index;
    const end = PEM_END.exec(text);
    at = end === null ? text.length : end.index + end[0].length;
    found.push({ start: index, end: at });
  }
  const [putty] = matches(text, PUTTY);
  if (putty !== undefined) found.push({ start: putty.start, end: text.length });
  return found;
}

const AWS_ID = /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g;
/** Forty characters alone are anything; beside their name they are a key. */
const AWS_SECRET =
  /(?:aws_?secret_?access_?key|aws_?secret_?key|secretAccessKey|aws_?session_?token)["' \t]{0,4}[:=>]{1,2}["' \t]{0,4}[A-Za-z0-9/+]{40,2048}={0,2}/gi;

export function awsKeys(text: string): readonly Span[] {
  return [...matches(text, AWS_ID), ...matches(text, AWS_SECRET)];
}

export function azureStorageKeys(text: string): readonly Span[] {
  return matches(text, /(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{43,86}={1,2}/g);
}

export function googleApiKeys(text: string): readonly Span[] {
  return matches(text, /(?<![\w-])(?:AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{28}|ya29\.[0-9A-Za-z_-]{20,2048})(?![\w-])/g);
}

export function gitHubTokens(text: string): readonly Span[] {
  return matches(text, /(?<![A-Za-z0-9_])(?:gh[oprsu]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,251})(?![A-Za-z0-9_])/g);
}

export function gitLabTokens(text: string): readonly Span[] {
  return matches(text, /(?<![\w-])(?:glpat|gldt|glptt|glrt|glcbt|glft|glsoat|glagent|glimt|glffct|gloas)-[A-Za-z0-9_-]{20,255}/g);
}

const SLACK = /(?<![\w-])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,512}/g;
const SLACK_HOOK = /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/]{20,128}/g;

export function slackTokens(text: string): readonly Span[] {
  return [...matches(text, SLACK), ...matches(text, SLACK_HOOK)];
}

/** RFC 7519: three parts, of which the first is a JSON header with `alg`. Word by word, each looked at once. */
export function jsonWebTokens(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: word, index } of text.matchAll(/(?<![A-Za-z0-9_.-])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)+/g)) {
    const parts = word.split('.');
    let at = index;
    for (const [number, part] of parts.entries()) {
      const payload = parts[number + 1] ?? '';
      const signature = parts[number + 2];
      if (signature !== undefined && payload.length >= 2 && isHeader(part))
        found.push({ start: at, end: at + part.length + payload.length + signature.length + 2 });
      at += part.length + 1;
    }
  }
  return found;
}

function isHeader(part: string): boolean {
  if (!part.startsWith('eyJ') || part.length > 4096) return false;
  try {
    const header: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header;
  } catch {
    return false;
  }
}
