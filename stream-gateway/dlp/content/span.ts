// A piece of a text, in UTF-16 units, the end not included.

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** In order, without overlap; what touches is one. */
export function union(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = result.at(-1);
    if (last !== undefined && span.start <= last.end) {
      if (span.end > last.end) result[result.length - 1] = { start: last.start, end: span.end };
    } else result.push(span);
  }
  return result;
}

/** Each character in the spans becomes `*`; line ends stay, so that the text keeps its shape. */
export function blackedOut(text: string, spans: readonly Span[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of union(spans)) {
    result += text.slice(at, start);
    for (const character of text.slice(start, end)) result += character === '\n' || character === '\r' ? character : '*';
    at = end;
  }
  return result + text.slice(at);
}
