// Comments that ask for a plan. Anybody may; each is answered once, in our comment, which remembers the last that was: so a restart answers
// none again. What is asked for again and again is planned once in a while.
import { plannedAgainNote } from '../../changes/comment/plan-command.ts';
import type { PlanCommand } from '../../changes/forge/forge.ts';
import type { PullRequestPorts } from './ports.ts';
import type { ForgeTarget } from './target.ts';

/** After a restart; what is older nobody waits for any more. */
const FIRST_LOOK_MS = 3_600_000;
/** Clocks differ, and a comment may be written while we look. */
const OVERLAP_MS = 600_000;
/** Of each pull request. */
const PAUSE_MS = 10_000;

type AskedPorts = Pick<PullRequestPorts, 'forge' | 'now'>;

export class AskedPlans {
  /** By number of the pull request. */
  readonly #waiting = new Map<number, PlanCommand>();
  /** Of somebody whom the GitSync names. */
  readonly #named = new Map<number, PlanCommand>();
  readonly #answered = new Map<number, { readonly id: number; readonly at: Date }>();
  #lookedAt: Date | undefined;

  async look(
    { forge, now }: AskedPorts,
    { at, mark }: ForgeTarget,
    open: readonly { readonly number: number }[],
    signal: AbortSignal,
  ): Promise<void> {
    const numbers = new Set(open.map(({ number }) => number));
    for (const known of [this.#waiting, this.#named, this.#answered])
      for (const number of known.keys()) if (!numbers.has(number)) known.delete(number);
    if (numbers.size === 0) return;
    const began = now();
    const since = this.#lookedAt === undefined ? began.getTime() - FIRST_LOOK_MS : this.#lookedAt.getTime() - OVERLAP_MS;
    const people = new Set(at.place.people.map((person) => person.login.toLowerCase()));
    for (const command of await forge.commands(at, mark, new Date(since), signal)) {
      const { number, id, login } = command;
      if (!numbers.has(number) || id <= (this.#answered.get(number)?.id ?? 0)) continue;
      if (id > (this.#waiting.get(number)?.id ?? 0)) this.#waiting.set(number, command);
      if (people.has(login.toLowerCase())) this.#named.set(number, command);
    }
    this.#lookedAt = began;
  }

  /**
   * Until it may be planned for somebody; undefined: nobody has asked.
   *
   * @param options.byNamed what others ask does not count
   */
  waitMs(number: number, now: Date, { byNamed }: { readonly byNamed: boolean }): number | undefined {
    if (!(byNamed ? this.#named : this.#waiting).has(number)) return undefined;
    const before = this.#answered.get(number);
    return before === undefined ? 0 : Math.max(0, before.at.getTime() + PAUSE_MS - now.getTime());
  }

  /** Once it is planned. */
  async answer({ forge, now }: AskedPorts, { at, mark }: ForgeTarget, number: number, signal: AbortSignal): Promise<void> {
    const command = this.#waiting.get(number);
    if (command === undefined) return;
    const { id, login } = command;
    await forge.note(
      at,
      number,
      mark,
      async ({ asked = '0' } = {}) =>
        id > Number.parseInt(asked, 10)
          ? { text: plannedAgainNote({ at: now(), login }), memory: { asked: String(id) } }
          : undefined,
      signal,
    );
    this.#answered.set(number, { id, at: now() });
    this.#waiting.delete(number);
    this.#named.delete(number);
  }
}
