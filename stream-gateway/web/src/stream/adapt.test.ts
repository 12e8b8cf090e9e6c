// The choice of the picture against links of every speed: it settles, it does not flap, and it comes back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Adaptation, adapt, FIRST } from './adapt.ts';
import { STEPS } from './picture.ts';

/** What a moving picture takes at each step, in kB/s. */
const DEMAND = [4_000, 2_000, 900, 250, 80];

/** A link of so many kB/s with a queue in front of it, which grows while the picture is too large for it. */
function run(state: Adaptation, samples: number, link: { readonly kBps: number; readonly wayMs: number }, noise: number[] = [0]) {
  const steps: number[] = [];
  let queueMs = 0;
  for (let index = 0; index < samples; index += 1) {
    const load = (DEMAND[state.step] ?? 0) / link.kBps;
    // 1.5 s pass; beyond 8 s the desktop is not read, so the queue grows no longer.
    queueMs = Math.min(8_000, Math.max(0, queueMs + 1_500 * (load - 1)));
    state = adapt(state, link.wayMs + queueMs + (noise[index % noise.length] ?? 0));
    steps.push(state.step);
  }
  return { state, steps, changes: steps.filter((step, index) => index > 0 && step !== steps[index - 1]).length };
}

const links = fc.record({ kBps: fc.integer({ min: 100, max: 20_000 }), wayMs: fc.integer({ min: 1, max: 400 }) });
const noise = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 });
const bestFor = (kBps: number): number => {
  const index = DEMAND.findIndex((demand) => demand <= kBps);
  return index === -1 ? STEPS.length - 1 : index;
};

test('whatever it is told, the step is one that there is', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { maxLength: 200 }), (times) => {
      let state = FIRST;
      for (const ms of times) state = adapt(state, ms);
      expect(STEPS[state.step]).toBeDefined();
      expect(Number.isFinite(state.patience) && state.patience <= 32).toBe(true);
    }),
  );
});

test('it settles at the best picture that the link carries, but for short tries', () => {
  fc.assert(
    fc.property(links, noise, (link, jitter) => {
      const settled = run(run(FIRST, 200, link, jitter).state, 400, link, jitter).steps;
      // Within a quarter of the edge between two steps either is right.
      const [best, simplest] = [bestFor(link.kBps * 1.25), bestFor(link.kBps / 1.25)];
      const at = settled.filter((step) => step >= best && step <= simplest).length;
      expect(at / settled.length).toBeGreaterThan(0.6);
      expect(Math.min(...settled)).toBeGreaterThanOrEqual(Math.max(0, best - 1));
    }),
  );
});

test('it does not flap: on a link that stays as it is the picture changes less than six times a minute, and ever less', () => {
  fc.assert(
    fc.property(links, noise, (link, jitter) => {
      const first = run(FIRST, 400, link, jitter);
      const second = run(first.state, 400, link, jitter);
      expect(first.changes / 10).toBeLessThan(6);
      expect(second.changes / 10).toBeLessThan(4.5);
    }),
  );
});

test('jitter below what a person feels changes nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), noise, (wayMs, jitter) => {
      const { steps } = run({ ...FIRST, step: 0 }, 200, { kBps: 1e6, wayMs }, jitter);
      expect(new Set(steps)).toEqual(new Set([0]));
    }),
  );
});

test('a link that breaks down is followed within four measurements, and one that is good again within three minutes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 100, max: 240 }), (wayMs, kBps) => {
      const good = run(FIRST, 100, { kBps: 50_000, wayMs });
      expect(good.state.step).toBe(0);
      const bad = run(good.state, 4, { kBps, wayMs });
      expect(bad.state.step).toBeGreaterThanOrEqual(2);
      const stuck = run(bad.state, 400, { kBps, wayMs });
      expect(run(stuck.state, 120, { kBps: 50_000, wayMs }).state.step).toBe(0);
    }),
  );
});

test('a way that has become longer for good is no queue for ever', () => {
  const near = run(FIRST, 50, { kBps: 50_000, wayMs: 5 });
  expect(run(near.state, 400, { kBps: 50_000, wayMs: 300 }).state.step).toBe(0);
});

/** What one picture of a film takes at each step, in kB, as TigerVNC makes it (test/bench/stream/throttled.ts). */
const PICTURE_KB = [150, 75, 60, 45, 40];
const pictureMs = (step: number, kBps: number): number => (1_000 * (PICTURE_KB[step] ?? 0)) / kBps;

/** A desktop that sends the next picture when the link has taken the last: a measurement waits for what is left of one. */
function runWaiting(samples: number, link: { readonly kBps: number; readonly wayMs: number }, phases: readonly number[]) {
  const steps: number[] = [];
  let state = adapt(FIRST, link.wayMs); // before the first picture
  for (let index = 0; index < samples; index += 1) {
    const takesMs = pictureMs(state.step, link.kBps);
    const everyMs = Math.max(takesMs, 40);
    const sinceMs = everyMs * (phases[index % phases.length] ?? 0);
    state = adapt(state, link.wayMs + Math.max(0, takesMs - sinceMs));
    steps.push(state.step);
  }
  return steps;
}

const phases = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 400, maxLength: 400 });
/** Every part of a picture is met as often, in an order that has no pattern. */
const evenPhases = fc.integer({ min: 0, max: 1_000 }).map((seed) => {
  const ordered = Array.from({ length: 400 }, (_, index) => (index + 0.5) / 400);
  let state = seed;
  const next = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state;
  };
  return ordered
    .map((phase) => ({ phase, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ phase }) => phase);
});

test('few pictures a second make the picture simpler, though the desktop waits for the link and no queue is long', () => {
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 350 }), fc.integer({ min: 5, max: 60 }), evenPhases, (kBps, wayMs, at) => {
      const steps = runWaiting(400, { kBps, wayMs }, at);
      // Two minutes are enough, and tries are short.
      const good = steps.slice(80).filter((step) => step === STEPS.length - 1 || pictureMs(step, kBps) < 300);
      expect(good.length / 320).toBeGreaterThan(0.7);
    }),
  );
});

test('eight pictures a second and more are no reason for a simpler one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_200, max: 20_000 }), fc.integer({ min: 5, max: 60 }), phases, (kBps, wayMs, at) => {
      const steps = runWaiting(400, { kBps, wayMs }, at);
      expect(Math.max(...steps)).toBe(1); // where it begins
    }),
  );
});
