// What a chunk of input of a terminal is made of: keys, and what the terminal itself answers to programs.

const ESC = '\u001b';
const BEL = '\u0007';
/** Escape sequences of keys and mice count once, everything else by the character. */
const KEY = new RegExp(`${ESC}\\[[0-9;<?]*[ -/]*[@-~]|${ESC}O.|${ESC}?[^]`, 'gu');
/** Answers to DA, DSR, DECRQM, DECRQSS and the like, reports of focus, and answers of colours: nobody pressed a key. */
const ANSWERS = new RegExp(`^(${ESC}\\[[?>=0-9;$]*[Rcnyt]|${ESC}\\[[IO]|${ESC}[\\]P][^${BEL}${ESC}]*(${BEL}|${ESC}\\\\))+$`, 'u');

export function keysOf(text: string): readonly string[] {
  return text.match(KEY) ?? [];
}

/** Whether a person has to be there for this to come. */
export function isByPerson(text: string): boolean {
  return !ANSWERS.test(text);
}
