// Lines of a text that is edited in place.

export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export function spliced(text: string, { from, to, text: put }: Splice): string {
  return text.slice(0, from) + put + text.slice(to);
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** After the end of the line that `at` is in; a place at the start of a line is the end of the one before. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

export function isFirstOnLine(text: string, at: number): boolean {
  return /^ *$/.test(text.slice(lineStart(text, at), at));
}

/** As the first line of the text ends. */
export function eolOf(text: string): '\n' | '\r\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}

/** Counts from 1. */
export function lineNumber(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
