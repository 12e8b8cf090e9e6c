// Waiting for a condition, never for a time.

/**
 * Asks `probe` until it gives something that is neither undefined nor false; errors count as "not yet".
 * @throws Error that says what was waited for, with the last error as its cause
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.timeoutMs ?? 60_000);
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`timed out waiting until ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50));
  }
}
