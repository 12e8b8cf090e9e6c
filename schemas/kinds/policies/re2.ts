// Whether a pattern can be used in a stream. Only RE2 is: its time grows with the text alone, whatever the pattern
// (https://github.com/google/re2/wiki/Syntax). The API server asks its own RE2, Go's, by a CEL rule.
import { RE2JS } from 're2js';

export function isRe2Pattern(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}
