// Bytes that may be transferred to another thread.

/** All of them in memory of its own: neither of Node's pool nor a part of something larger. One that is so already is kept. */
export function owned(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.buffer.byteLength === only.length) return only;
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(bytes, at);
  return bytes;
}
