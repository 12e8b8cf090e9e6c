// The pods' /24: one that no interface and no route of this machine uses.
import { readFile } from 'node:fs/promises';

const FIRST_SECOND_BYTE = 244;
const SECOND_BYTES = 11;

export interface Network {
  /** As a number of 32 bits. */
  readonly address: number;
  readonly mask: number;
}

/** Networks in the text of /proc/net/route (addresses in hexadecimal, lowest byte first), without the default route. Pure. */
export function networksOf(table: string): readonly Network[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.split('\t');
      const address = reversed(fields[1] ?? '');
      const mask = reversed(fields[7] ?? '');
      return address === undefined || mask === undefined || mask === 0 ? [] : [{ address, mask }];
    });
}

function reversed(hex: string): number | undefined {
  return /^[0-9A-F]{8}$/i.test(hex) ? Buffer.from(hex, 'hex').readUInt32LE(0) : undefined;
}

/** The first three bytes of a free /24 within 10.244.0.0 to 10.254.255.0. @param seed where to look first */
export function chooseSubnet(used: readonly Network[], seed: number): string {
  const count = SECOND_BYTES * 256;
  for (let step = 0; step < count; step += 1) {
    const index = (seed + step) % count;
    const second = FIRST_SECOND_BYTE + Math.floor(index / 256);
    const third = index % 256;
    const address = ((10 << 24) | (second << 16) | (third << 8)) >>> 0;
    const overlaps = used.some((network) => {
      const mask = (network.mask & 0xffffff00) >>> 0;
      return (address & mask) >>> 0 === (network.address & mask) >>> 0;
    });
    if (!overlaps) return `10.${second}.${third}`;
  }
  throw new RangeError('every /24 between 10.244.0.0 and 10.254.255.0 is in use');
}

export async function usedNetworks(): Promise<readonly Network[]> {
  return networksOf(await readFile('/proc/net/route', 'utf8').catch(() => ''));
}
