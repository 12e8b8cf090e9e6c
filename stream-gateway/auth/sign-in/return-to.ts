// Where a sign-in leads back to: an address of this site, given as a path.

/** `undefined` for anything that a browser could take for another site. */
export function sameSitePath(text: string): string | undefined {
  // Browsers drop tabs and line breaks and read \ as /: `/\evil.example` is another site.
  if (!/^\/(?![/\\])[^\\\p{Cc}]{0,2000}$/u.test(text)) return undefined;
  const url = URL.parse(text, 'https://here.invalid');
  if (url === null || url.origin !== 'https://here.invalid' || url.pathname.startsWith('//')) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
