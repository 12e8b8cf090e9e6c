// A User-Agent header (RFC 9110, 10.1.5) in words that a person knows his browser by. For eyes only: nothing is decided by it.

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d{1,4})[ .].* Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];
/** What a row of the database takes. */
export const MAX_USER_AGENT = 400;

/** `Firefox 142 on Linux`; of an unknown one its first product; null for nothing to read. */
export function browserName(userAgent: string | null): string | null {
  if (userAgent === null) return null;
  const system = SYSTEMS.find(([form]) => form.test(userAgent))?.[1];
  for (const [form, name] of BROWSERS) {
    const version = form.exec(userAgent)?.[1];
    if (version !== undefined) return [`${name} ${version}`, ...(system === undefined ? [] : [`on ${system}`])].join(' ');
  }
  const product = /^[\w.-]{1,40}(?:\/[\w.-]{1,20})?/.exec(userAgent)?.[0];
  return product ?? null;
}

/** What is kept of the header: one line, not longer than the row takes. */
export function keptUserAgent(header: string | undefined): string | undefined {
  const text = header
    ?.replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_USER_AGENT);
  return text === '' ? undefined : text;
}
