// The path of a field in an object, as a change names it: `spec.members[user=ada].role`. Pure.

export type PathSegment =
  | { readonly kind: 'field'; readonly name: string }
  /** The item of a list whose field, such as `user` or `subject.team`, has this text. */
  | { readonly kind: 'item'; readonly key: readonly string[]; readonly value: string }
  /** A new last item of a list. */
  | { readonly kind: 'append' };

const FIELD = /^[A-Za-z_$][\w$-]*/;
/** A field whose name has other characters: `["a.b/c"]`, with the escapes of JSON. */
const QUOTED = /^\["((?:[^"\\\n]|\\["\\])*)"\]/;
const ITEM = /^\[([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)=(?:"((?:[^"\\\n]|\\["\\])*)"|([^\]"\n]+))\]/;

/** @returns undefined for a text that is no path; the last segment only may be `[]` */
export function parseChangePath(text: string): readonly PathSegment[] | undefined {
  const segments: PathSegment[] = [];
  let rest = text;
  while (rest !== '') {
    const segment = nextSegment(rest, segments.length === 0);
    if (segment === undefined || segments.at(-1)?.kind === 'append') return undefined;
    segments.push(segment.segment);
    rest = rest.slice(segment.length);
  }
  return segments[0]?.kind === 'field' ? segments : undefined;
}

interface Read {
  readonly segment: PathSegment;
  readonly length: number;
}

function nextSegment(text: string, first: boolean): Read | undefined {
  if (text.startsWith('[]')) return { segment: { kind: 'append' }, length: 2 };
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return { segment: { kind: 'field', name: unescaped(quoted[1]) }, length: quoted[0].length };
  const item = ITEM.exec(text);
  if (item !== null) {
    const [all, key = '', inQuotes, plain = ''] = item;
    const value = inQuotes === undefined ? plain : unescaped(inQuotes);
    return { segment: { kind: 'item', key: key.split('.'), value }, length: all.length };
  }
  const dot = first ? 0 : 1;
  if (!first && !text.startsWith('.')) return undefined;
  const field = FIELD.exec(text.slice(dot));
  return field === null ? undefined : { segment: { kind: 'field', name: field[0] }, length: dot + field[0].length };
}

function unescaped(text = ''): string {
  return text.replaceAll(/\\(["\\])/g, '$1');
}

/** The text of a path; {@link parseChangePath} reads it back. */
export function formatChangePath(segments: readonly PathSegment[]): string {
  return segments.map((segment, index) => textOf(segment, index === 0)).join('');
}

function textOf(segment: PathSegment, first: boolean): string {
  switch (segment.kind) {
    case 'append':
      return '[]';
    case 'item':
      return `[${segment.key.join('.')}=${/^[^\]"\\\n]+$/.test(segment.value) ? segment.value : quote(segment.value)}]`;
    case 'field':
      if (FIELD.exec(segment.name)?.[0] !== segment.name) return `[${quote(segment.name)}]`;
      return first ? segment.name : `.${segment.name}`;
  }
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
