// A long text as comments, each as long as a forge takes it. Pure.

/** GitHub takes 65,536 characters; a mark of ours, what reviews are worth and what became of it stand in front. */
export const MAX_COMMENT_CHARACTERS = 56_000;

export class CommentPages {
  readonly #texts: string[] = [];
  readonly #headCharacters: number;
  #text = '';

  /** @param headCharacters what is kept free of the first one */
  constructor(headCharacters: number) {
    this.#headCharacters = headCharacters;
  }

  /** How many there are, with the one that is being written. */
  get count(): number {
    return this.#texts.length + 1;
  }

  /** @param block stays in one */
  add(block: string): void {
    const taken = this.#texts.length === 0 ? this.#headCharacters : 0;
    if (this.#text !== '' && taken + this.#text.length + block.length + 1 > MAX_COMMENT_CHARACTERS) {
      this.#texts.push(this.#text);
      this.#text = '';
    }
    this.#text += `${block}\n`;
  }

  under(head: string): readonly string[] {
    const [first = '', ...rest] = [...this.#texts, this.#text];
    const texts = [`${head}\n${first}`, ...rest];
    if (texts.length === 1) return texts;
    return texts.map((each, index) => `${each}\n_${index + 1} of ${texts.length}_\n`);
  }
}
