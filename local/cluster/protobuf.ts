// As much of the protobuf encoding as a handful of CRI messages needs. Pure.

export type FieldValue = string | number;

/** Strings (wire type 2) and whole numbers from 0 (wire type 0), by field number. */
export function encodeMessage(fields: Readonly<Record<number, FieldValue>>): Buffer {
  const parts = Object.entries(fields).flatMap(([field, value]) => {
    const number = Number(field);
    if (typeof value === 'number') return [varint((number << 3) | 0), varint(value)];
    const bytes = Buffer.from(value);
    return [varint((number << 3) | 2), varint(bytes.length), bytes];
  });
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

export interface Field {
  readonly number: number;
  /** A number for a varint; bytes for what has a length. Fixed-width fields are left out. */
  readonly value: bigint | Buffer;
}

/** The fields in their order. @throws RangeError for bytes that are cut off or no message */
export function decodeMessage(bytes: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes.readUInt8(offset);
      offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a protobuf number is longer than 10 bytes');
  };
  while (offset < bytes.length) {
    const key = readVarint();
    const number = Number(key >> 3n);
    const wireType = Number(key & 7n);
    if (wireType === 0) fields.push({ number, value: readVarint() });
    else if (wireType === 2) {
      const end = Number(readVarint()) + offset;
      if (end > bytes.length) throw new RangeError('a protobuf message is cut off');
      fields.push({ number, value: bytes.subarray(offset, end) });
      offset = end;
    } else if (wireType === 1 || wireType === 5) offset += wireType === 1 ? 8 : 4;
    else throw new RangeError(`protobuf wire type ${wireType} is not known`);
  }
  return fields;
}

/** The texts of all fields with that number. */
export function textsOf(fields: readonly Field[], number: number): readonly string[] {
  return messagesOf(fields, number).map((value) => value.toString('utf8'));
}

export function messagesOf(fields: readonly Field[], number: number): readonly Buffer[] {
  return fields.flatMap((field) => (field.number === number && typeof field.value !== 'bigint' ? [field.value] : []));
}

export function numberOf(fields: readonly Field[], number: number): number {
  const found = fields.find((field) => field.number === number && typeof field.value === 'bigint');
  return Number(found?.value ?? 0n);
}
