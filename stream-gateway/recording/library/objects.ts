// What the library of recordings needs of where they are kept.

export interface KeptObjects {
  /** @param range from the byte `from` up to, without, `to` @throws ObjectMissing */
  get(
    key: string,
    options: { readonly signal: AbortSignal; readonly range?: { readonly from: number; readonly to: number } },
  ): Promise<Buffer>;
  /** Everything whose key begins with `prefix/`. */
  list(prefix: string, options: { readonly signal: AbortSignal }): AsyncIterable<{ readonly key: string }>;
  /** What is not there is deleted already. */
  delete(key: string, options: { readonly signal: AbortSignal }): Promise<void>;
}
