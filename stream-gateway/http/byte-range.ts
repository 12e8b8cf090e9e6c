// One range of bytes of an HTTP request (RFC 9110, 14.1.2 and 14.2).

/** `whole`: send everything. `unsatisfiable`: 416. `from` is the first byte, `to` the one after the last. */
export type RequestedRange = 'whole' | 'unsatisfiable' | { readonly from: number; readonly to: number };

/**
 * What cannot be read, and several ranges at once, is answered with the whole, as the RFC lets a server do.
 * @param size of the whole, in bytes
 */
export function rangeOf(header: string | undefined, size: number): RequestedRange {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { from: size - length, to: size };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'whole'; // no range at all
  if (from >= size) return 'unsatisfiable';
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}
