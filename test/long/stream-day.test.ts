// A day of fifty streams, an hour in half a minute: people type, look on, copy, leave and come back. Whether anything of the
// process that serves them grows.
import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ECHO } from '../bench/stream/content.ts';
import { type Peer, startDoor } from '../bench/stream/peers.ts';
import { Probe } from '../bench/stream/probe.ts';
import { WITH_DLP } from '../bench/stream/rules.ts';
import { eventually } from '../support/wait.ts';
import { startXvnc, type Xvnc } from '../support/xvnc.ts';

const HOURS = 24;
const HOUR_MS = 30_000;
const DESKTOPS = 5;
const STREAMS = 50;

interface Sample {
  /** What is held once garbage is collected: a resident set grows for hours as V8 gives young objects more room. */
  readonly heldMiB: number;
  readonly rssMiB: number;
  readonly descriptors: number;
}

/** One person at one desktop. */
class Person {
  readonly #way: ReturnType<Peer['way']>;
  readonly #password: string;
  readonly #random: () => number;
  #probe: Probe | undefined;
  visits = 0;
  updates = 0;

  constructor(way: ReturnType<Peer['way']>, password: string, random: () => number) {
    this.#way = way;
    this.#password = password;
    this.#random = random;
  }

  async arrive(): Promise<void> {
    const probe = await Probe.connect(this.#way, this.#password);
    probe.onUpdate = () => {
      this.updates += 1;
      probe.request(true);
    };
    probe.request(false);
    this.#probe = probe;
    this.visits += 1;
  }

  /** Some keys, now and then a clipboard, and once an hour another window. */
  async act(step: number): Promise<void> {
    const probe = this.#probe;
    if (probe === undefined) return;
    probe.press(0x61 + Math.floor(this.#random() * 26));
    if (step % 8 === 0) probe.press(0xff0d);
    if (step % 10 === 0) probe.cut(`copied ${step} ${'x'.repeat(Math.floor(this.#random() * 4_000))}`);
    if (this.#random() < 1 / (HOUR_MS / 1_000)) {
      this.leave();
      await this.arrive();
    }
  }

  leave(): void {
    this.#probe?.end();
    this.#probe = undefined;
  }
}

async function sampleOf(door: Awaited<ReturnType<typeof startDoor>>): Promise<Sample> {
  const { bytes } = await door.held();
  const { rss } = await door.cost();
  return { heldMiB: bytes / 1024 ** 2, rssMiB: Math.round(rss), descriptors: (await readdir(`/proc/${door.pid}/fd`)).length };
}

/** Mulberry32: the same day every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const least = (samples: readonly Sample[], of: (sample: Sample) => number): number => Math.min(...samples.map(of));

test(
  'G-71 after a day with 50 sessions memory and file handles are where they were',
  async () => {
    await using ended = new AsyncDisposableStack();
    const desktops: Xvnc[] = [];
    for (let count = 0; count < DESKTOPS; count += 1)
      desktops.push(ended.use(await startXvnc({ geometry: '640x480', program: ECHO, args: ['-BlacklistThreshold', '10000'] })));
    const door = ended.use(await startDoor(desktops, { rules: WITH_DLP }));
    const random = seeded(71);
    const people = Array.from({ length: STREAMS }, (_, index) => {
      const desktop = desktops[index % DESKTOPS];
      if (desktop === undefined) throw new RangeError('no desktop');
      return new Person(door.way(index % DESKTOPS), desktop.password, random);
    });
    for (const person of people) await person.arrive();
    const samples: Sample[] = [];
    const from = performance.now();
    for (let step = 0; performance.now() - from < HOURS * HOUR_MS; step += 1) {
      const next = performance.now() + 1_000;
      for (const person of people) await person.act(step);
      if (step % 5 === 0) samples.push(await sampleOf(door));
      await wait(Math.max(0, next - performance.now()));
    }
    const sum = (of: (person: Person) => number): number => people.reduce((all, person) => all + of(person), 0);
    const quarter = Math.floor(samples.length / 4);
    const [second, last] = [samples.slice(quarter, 2 * quarter), samples.slice(3 * quarter)];
    const hourly = samples.filter((_, index) => index % (HOUR_MS / 5_000) === 0);
    const line = (of: (sample: Sample) => number): string => hourly.map((sample) => Math.round(of(sample))).join(' ');
    process.stdout.write(`by the hour, MiB: held ${line(({ heldMiB }) => heldMiB)}; RSS ${line(({ rssMiB }) => rssMiB)}\n`);
    const told = (of: (sample: Sample) => number): string => `${least(second, of).toFixed(1)} -> ${least(last, of).toFixed(1)}`;
    process.stdout.write(
      `visits ${sum(({ visits }) => visits)}, updates ${sum(({ updates }) => updates)}; second against last quarter: ` +
        `held ${told(({ heldMiB }) => heldMiB)} MiB, RSS ${told(({ rssMiB }) => rssMiB)} MiB, descriptors ${told(({ descriptors }) => descriptors)}\n`,
    );
    for (const person of people) person.leave();
    expect(sum(({ visits }) => visits)).toBeGreaterThan(STREAMS * (HOURS / 2));
    expect(least(last, ({ heldMiB }) => heldMiB)).toBeLessThan(1.1 * least(second, ({ heldMiB }) => heldMiB));
    expect(least(last, ({ rssMiB }) => rssMiB)).toBeLessThan(1.5 * least(second, ({ rssMiB }) => rssMiB));
    expect(
      Math.abs(least(last, ({ descriptors }) => descriptors) - least(second, ({ descriptors }) => descriptors)),
    ).toBeLessThan(10);
    const rest = await eventually(
      'every stream is closed',
      async () => {
        const { descriptors } = await sampleOf(door);
        return descriptors < least(last, (sample) => sample.descriptors) - STREAMS && { descriptors };
      },
      { timeoutMs: 30_000 },
    );
    expect(rest.descriptors).toBeGreaterThan(0);
  },
  HOURS * HOUR_MS + 180_000,
);
