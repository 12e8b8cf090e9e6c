// What a text field's change means as keys: so many deletions, then this text.

export interface Typed {
  /** Characters to delete in front of the caret. */
  readonly back: number;
  readonly text: string;
}

/** Characters are code points: a desktop deletes an emoji with one Backspace. */
export function typedBetween(before: string, after: string): Typed {
  const [old, now] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  return { back: old.length - same, text: now.slice(same).join('') };
}

/** A phone deletes by changing the text, so there has to be some. No person types it. */
export const FILLER = '\u2060'.repeat(16);

/** Without what is not text: the filler, which a phone may put anywhere when it corrects a word. */
export const withoutFiller = (text: string): string => text.replaceAll('\u2060', '');
