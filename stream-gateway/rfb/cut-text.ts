// Cut texts of both directions (RFC 6143, 7.5.6 and 7.6.4): eight bytes of header, then Latin-1; or, behind a negative
// length, the extended clipboard.

export const CUT_TEXT_HEADER_BYTES = 8;

/** Whose message it is, which its type says. */
export type CutTextSender = 'client' | 'server';

const TYPE: Readonly<Record<CutTextSender, number>> = { client: 6, server: 3 };

export interface CutTextHeader {
  readonly extended: boolean;
  /** Bytes that follow the header. */
  readonly length: number;
}

/** @param bytes at least the header of a cut text */
export function cutTextHeader(bytes: Buffer): CutTextHeader {
  const declared = bytes.readInt32BE(4);
  return { extended: declared < 0, length: Math.abs(declared) };
}

export function cutText(sender: CutTextSender, payload: Buffer, options: { readonly extended: boolean }): Buffer {
  const header = Buffer.alloc(CUT_TEXT_HEADER_BYTES);
  header.writeUInt8(TYPE[sender], 0);
  header.writeInt32BE(options.extended ? -payload.length : payload.length, 4);
  return Buffer.concat([header, payload]);
}

export function utf8OfLatin1(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1'), 'utf8');
}

/** What Latin-1 lacks becomes a question mark, as viewers do it. */
export function latin1OfUtf8(bytes: Buffer): Buffer {
  const text = bytes.toString('utf8');
  return Buffer.from(
    Array.from(text, (character) => ((character.codePointAt(0) ?? 0) > 0xff ? '?' : character)).join(''),
    'latin1',
  );
}
