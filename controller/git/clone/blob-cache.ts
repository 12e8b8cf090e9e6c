// The blobs of the folders as they were last read, so that a commit that touches one file reads one file, and gives the same bytes
// object for the others: whatever was made of it, a parsed manifest say, lives as long. What a commit takes away goes with it.

interface Kept {
  readonly bytes: Uint8Array;
  /** In how many folders. */
  users: number;
}

/** What is made of a small file takes more than the file. */
const COST_OF_BLOB = 2_048;

export class BlobCache {
  readonly #blobs = new Map<string, Kept>();
  /** Ids by folder, the one that was read last at the end. */
  readonly #folders = new Map<string, ReadonlySet<string>>();
  readonly #maxCost: number;
  #cost = 0;

  /** @param maxCost bytes, with 2 KiB more for each blob; above it whole folders go, the one that was read first */
  constructor(maxCost = 64 * 1024 * 1024) {
    this.#maxCost = maxCost;
  }

  /** How many blobs are kept. */
  get size(): number {
    return this.#blobs.size;
  }

  get(oid: string): Uint8Array | undefined {
    return this.#blobs.get(oid)?.bytes;
  }

  /** A folder has these now, and nothing else any more. */
  keep(folder: string, blobs: ReadonlyMap<string, Uint8Array>): void {
    for (const [oid, bytes] of blobs) {
      const kept = this.#blobs.get(oid) ?? { bytes, users: 0 };
      if (kept.users === 0) this.#cost += costOf(kept);
      kept.users += 1;
      this.#blobs.set(oid, kept);
    }
    this.#drop(folder);
    this.#folders.set(folder, new Set(blobs.keys()));
    for (const oldest of this.#folders.keys()) {
      if (this.#cost <= this.#maxCost) break;
      this.#drop(oldest);
    }
  }

  #drop(folder: string): void {
    for (const oid of this.#folders.get(folder) ?? []) {
      const kept = this.#blobs.get(oid);
      if (kept === undefined) continue;
      kept.users -= 1;
      if (kept.users > 0) continue;
      this.#blobs.delete(oid);
      this.#cost -= costOf(kept);
    }
    this.#folders.delete(folder);
  }
}

function costOf({ bytes }: Kept): number {
  return bytes.length + COST_OF_BLOB;
}

/** A small file comes in a chunk of 64 KiB with others; kept as it comes, a hundred bytes would hold all of that. */
export function onItsOwn(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.length ? new Uint8Array(bytes) : bytes;
}
