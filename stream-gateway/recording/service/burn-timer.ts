// What is burnt into a recording, kept up to date as the rules and the time go by.
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { SessionJson } from '../../sessions/kinds-json.ts';
import { inForce, readPolicy } from '../../sessions/read-policy.ts';
import { burnOf, changesPixels } from '../../stream/pixels/burn-of-policy.ts';

export class BurnTimer implements Disposable {
  readonly #changed: (burn: BurnOptions | undefined) => void;
  #session: SessionJson;
  #told: string;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed what is to be burnt in from now on; undefined: nothing */
  constructor(session: SessionJson, changed: (burn: BurnOptions | undefined) => void) {
    this.#session = session;
    this.#changed = changed;
    this.#told = JSON.stringify(this.current());
    this.#nextRefresh();
  }

  /** A recording is looked at by others: the mark names the owner, and who looks is in the audit. */
  current(): BurnOptions | undefined {
    const policy = readPolicy(this.#session);
    const rules = policy === undefined ? undefined : inForce(policy).rules;
    if (rules === undefined || !changesPixels(rules)) return undefined;
    const { namespace, name } = this.#session.metadata;
    const facts = { user: this.#session.spec.owner, session: `${namespace}/${name}`, address: 'recording' };
    return burnOf(rules, facts, new Date());
  }

  update(session: SessionJson): void {
    this.#session = session;
    this.#refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #refresh(): void {
    this.#nextRefresh();
    const burn = this.current();
    const text = JSON.stringify(burn);
    if (text === this.#told) return;
    this.#told = text;
    this.#changed(burn);
  }

  #nextRefresh(): void {
    clearTimeout(this.#timer);
    const seconds = readPolicy(this.#session)?.dlp.watermark?.refreshSeconds;
    if (seconds !== undefined) this.#timer = setTimeout(() => this.#refresh(), seconds * 1_000).unref();
  }
}
