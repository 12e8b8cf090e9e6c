// What a person wrote, where it cannot stand in code: titles and messages of commits. Pure. It reads as before, but mentions nobody, refers to no
// issue and so closes none.

const NOTHING = '\u200b';
/** `@org/team`, `#5` and `owner/repo#5`, Gitea's `!5`, GitHub's `GH-5`, and the address of an issue. */
const REFERENCES = /@(?=\w)|[#!](?=\d)|\bGH-(?=\d)|:(?=\/\/)/gi;

export function inertText(text: string): string {
  return text.replaceAll(REFERENCES, (found) => `${found}${NOTHING}`);
}
