// The words in HTML and RTF, without what stands around them. Total: whatever comes in, text comes out, in one pass.

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
  zwnj: '',
};
/** Between these tags a line ends; all others stand inside of words. */
const BREAKS = /^\/?(?:p|div|br|li|tr|table|h[1-6]|td|th|ul|ol|pre|blockquote)\b/i;

/** Tags and comments left out, character references read. */
export function textOfHtml(html: string): string {
  let result = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    result += html.slice(at, open === -1 ? html.length : open);
    if (open === -1) break;
    const comment = html.startsWith('<!--', open);
    const close = html.indexOf(comment ? '-->' : '>', open);
    if (close === -1) {
      result += html.slice(open); // no tag after all
      break;
    }
    if (BREAKS.test(html.slice(open + 1, open + 12))) result += '\n';
    at = close + (comment ? 3 : 1);
  }
  return result.replaceAll(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));/g, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return ENTITIES[name] ?? whole;
    const point = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

const RTF =
  /\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?(?:\\'[0-9a-fA-F]{2}|[^\\{}])?|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|[{}\r\n]/gi;

/** Control words and groups left out, `\'hh` and `\uN` read (RTF 1.9.1, "Unicode RTF"). */
export function textOfRtf(rtf: string): string {
  return rtf.replaceAll(RTF, (_whole, byte, unicode, word, _number, symbol) => {
    if (typeof byte === 'string') return String.fromCharCode(Number.parseInt(byte, 16));
    if (typeof unicode === 'string') return String.fromCharCode((Number(unicode) + 0x10000) % 0x10000);
    if (typeof word === 'string') return /^(?:par|line|tab|cell|row)$/.test(word) ? '\n' : '';
    if (typeof symbol === 'string') return '\\{}'.includes(symbol) ? symbol : symbol === '~' ? ' ' : '';
    return '';
  });
}
