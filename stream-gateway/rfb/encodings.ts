// The allow-list of encodings. A server may only use what it was asked for (RFC 6143, 7.5.2), so what is not here is never
// asked for, and the parser of the other direction is total.

interface EncodingEntry {
  readonly name: string;
  /** Where its bytes are described: a section of RFC 6143, or the name in rfbproto (the community's specification). */
  readonly section: string;
}

export const ENCODING = {
  raw: 0,
  copyRect: 1,
  rre: 2,
  hextile: 5,
  zlib: 6,
  tight: 7,
  zrle: 16,
  tightPng: -260,
  desktopSize: -223,
  lastRect: -224,
  cursor: -239,
  qemuKeyEvent: -258,
  ledState: -261,
  desktopName: -307,
  extendedDesktopSize: -308,
  fence: -312,
  continuousUpdates: -313,
  extendedMouseButtons: -316,
  vmwareCursor: 0x574d5664,
  /** 0xC0A1E5CE as the signed number it is on the wire. */
  extendedClipboard: 0xc0a1e5ce | 0,
} as const;

const range = (first: number, last: number, name: string, section: string): [number, EncodingEntry][] =>
  Array.from({ length: last - first + 1 }, (_, index) => [first + index, { name, section }]);

export const ALLOWED_ENCODINGS: ReadonlyMap<number, EncodingEntry> = new Map<number, EncodingEntry>([
  [ENCODING.raw, { name: 'raw', section: '7.7.1' }],
  [ENCODING.copyRect, { name: 'copyRect', section: '7.7.2' }],
  [ENCODING.rre, { name: 'rre', section: '7.7.3' }],
  [ENCODING.hextile, { name: 'hextile', section: '7.7.4' }],
  [ENCODING.zlib, { name: 'zlib', section: 'zlib Encoding' }],
  [ENCODING.zrle, { name: 'zrle', section: '7.7.6' }],
  [ENCODING.tight, { name: 'tight', section: 'Tight Encoding' }],
  [ENCODING.tightPng, { name: 'tightPng', section: 'Tight PNG Encoding' }],
  [ENCODING.cursor, { name: 'cursor', section: '7.8.1' }],
  [ENCODING.desktopSize, { name: 'desktopSize', section: '7.8.2' }],
  [ENCODING.lastRect, { name: 'lastRect', section: 'LastRect Pseudo-encoding' }],
  [ENCODING.qemuKeyEvent, { name: 'qemuKeyEvent', section: 'QEMU Extended Key Event Pseudo-encoding' }],
  [ENCODING.ledState, { name: 'ledState', section: 'QEMU LED State Pseudo-encoding' }],
  [ENCODING.desktopName, { name: 'desktopName', section: 'DesktopName Pseudo-encoding' }],
  [ENCODING.extendedDesktopSize, { name: 'extendedDesktopSize', section: 'ExtendedDesktopSize Pseudo-encoding' }],
  [ENCODING.fence, { name: 'fence', section: 'Fence Pseudo-encoding' }],
  [ENCODING.continuousUpdates, { name: 'continuousUpdates', section: 'ContinuousUpdates Pseudo-encoding' }],
  [ENCODING.extendedMouseButtons, { name: 'extendedMouseButtons', section: 'Extended Mouse Buttons Pseudo-encoding' }],
  [ENCODING.vmwareCursor, { name: 'vmwareCursor', section: 'VMware Cursor Pseudo-encoding' }],
  [ENCODING.extendedClipboard, { name: 'extendedClipboard', section: 'Extended Clipboard Pseudo-Encoding' }],
  // Hints about how to encode: they change no length.
  ...range(-32, -23, 'jpegQuality', 'JPEG Quality Level Pseudo-encoding'),
  ...range(-256, -247, 'compressLevel', 'Compression Level Pseudo-encoding'),
]);

/** What of `requested` the desktop is asked for: in the same order, each once, so never more than the list is long. */
export function grantEncodings(requested: readonly number[], withheld: ReadonlySet<number> = new Set()): readonly number[] {
  return [...new Set(requested)].filter((encoding) => ALLOWED_ENCODINGS.has(encoding) && !withheld.has(encoding));
}

/** A SetEncodings message (RFC 6143, 7.5.2). */
export function setEncodings(encodings: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * encodings.length);
  bytes.writeUInt8(2, 0);
  bytes.writeUInt16BE(encodings.length, 2);
  for (const [index, encoding] of encodings.entries()) bytes.writeInt32BE(encoding, 4 + 4 * index);
  return bytes;
}
