// Our comment on a pull request as it stands at the forge: a mark with what we have to remember, a note of what became of it, and the
// plan. It is all that is kept of it anywhere, so that a restart repeats nothing. Pure.

export interface StandingComment {
  /** `namespace/name` of the GitSync. */
  readonly mark: string;
  /** From 1, of so many as a plan takes. */
  readonly page: number;
  /** Words of ours without spaces. */
  readonly memory: CommentMemory;
  /** Who has approved it, in front of all else. Left out: it is no change request. */
  readonly reviews?: string;
  /** What became of the plan, in front of it. */
  readonly note: string;
  readonly text: string;
}

export type CommentMemory = Readonly<Record<string, string>>;

/** Between note and plan. The note cannot have it: there it would begin with another character. */
const BELOW = '<!-- streamspace:below -->';
/** Behind what is said of reviews; it cannot have it either. */
const REVIEWED = '<!-- streamspace:reviews -->';
const WORD = /^([a-z]+)=([\w.:-]+)$/;

export function beginOf(mark: string): string {
  return `<!-- streamspace:plan ${mark} `;
}

export function writeComment({ mark, page, memory, reviews = '', note, text }: StandingComment): string {
  const words = Object.entries(memory).map(([name, value]) => ` ${name}=${value}`);
  const begin = `${beginOf(mark)}${page}${words.join('')} -->\n`;
  const head = reviews === '' ? begin : `${begin}${unmarked(reviews)}\n${REVIEWED}\n\n`;
  return note === '' ? `${head}${text}` : `${head}${unmarked(note)}\n${BELOW}\n\n${text}`;
}

function unmarked(text: string): string {
  return text.replaceAll('<!--', '<! --');
}

/** @returns undefined for a comment that is not about this GitSync */
export function readComment(body: string, mark: string): StandingComment | undefined {
  const begin = beginOf(mark);
  const whole = body.replaceAll('\r\n', '\n');
  const end = whole.indexOf(' -->\n');
  if (!whole.startsWith(begin) || end < 0) return undefined;
  const [page = '', ...words] = whole.slice(begin.length, end).split(' ');
  const memory = Object.fromEntries(words.flatMap((word) => pairOf(WORD.exec(word))));
  const all = whole.slice(end + ' -->\n'.length);
  const reviewed = memory['reviews'] === undefined ? -1 : all.indexOf(`\n${REVIEWED}`);
  const reviews = reviewed < 0 ? '' : all.slice(0, reviewed);
  const rest = reviewed < 0 ? all : all.slice(reviewed + REVIEWED.length + 1).replace(/^\n{0,2}/, '');
  const below = rest.indexOf(`\n${BELOW}`);
  const note = below < 0 ? '' : rest.slice(0, below);
  const text = below < 0 ? rest : rest.slice(below + BELOW.length + 1).replace(/^\n{0,2}/, '');
  return { mark, page: Number.parseInt(page, 10) || 1, memory, ...(reviews === '' ? {} : { reviews }), note, text };
}

function pairOf(found: RegExpExecArray | null): readonly (readonly [string, string])[] {
  const [, name, value] = found ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

/** Forges keep a text without its last line end, or more of them. */
export function sameText(left: string, right: string): boolean {
  const plain = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd();
  return plain(left) === plain(right);
}
