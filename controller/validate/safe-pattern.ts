// Patterns come from Git and are written for RE2, which is linear in time. Only those that a backtracking engine runs quickly too,
// and reads the same way, are used; the others are left to the API server.

const MAX_TEXT = 1024;
const MAX_PATTERN = 500;
/** Two loops over a text are quadratic: a million steps at most. */
const MAX_LOOPS = 2;

/** `undefined` for a pattern that is not judged here. */
export function safePattern(pattern: string, text: string): RegExp | undefined {
  if (text.length > MAX_TEXT || pattern.length > MAX_PATTERN) return undefined;
  // Lookarounds, flags and named groups; classes of POSIX and Unicode; anchors of RE2; quoting.
  if (/\(\?(?!:)|\[\[?:|\\[pPAzQECkbBx0-9]|\$.*\n/.test(pattern)) return undefined;
  const bare = pattern.replaceAll(/\\./gs, 'x').replaceAll(/\[\^?\]?[^\]]*\]/g, 'x');
  const loops = bare.match(/[*+]|\{\d*,\d*\}|\{\d{2,}\}/g) ?? [];
  // A loop around a group multiplies what is inside.
  if (loops.length > MAX_LOOPS || /\)(?:[*+]|\{)/.test(bare)) return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}
