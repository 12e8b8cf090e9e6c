// What is measured of a way to a desktop. Times are in milliseconds, of this process's clock.
import { setTimeout as wait } from 'node:timers/promises';
import type { Probe } from './probe.ts';

/** No space: in the last column it changes nothing, and the update that is waited for never comes. */
const KEYS = [...'thequickbrownfoxjumpsoverthelazydog'].map((letter) => letter.codePointAt(0) ?? 0x61);
const RETURN = 0xff0d;

/** From a key press to the end of the update that it brings, `count` times with pauses that follow no beat. */
export async function keyLatencies(probe: Probe, count: number): Promise<readonly number[]> {
  const samples: number[] = [];
  let updated: (() => void) | undefined;
  probe.onUpdate = () => {
    updated?.();
    probe.request(true);
  };
  probe.request(false);
  for (let index = 0; index < count; index += 1) {
    // Long enough for what a key brings beside its letter, such as the cursor that moves.
    await wait(25 + Math.random() * 20);
    const update = new Promise<void>((resolve) => {
      updated = resolve;
    });
    const from = performance.now();
    probe.press(index % 50 === 49 ? RETURN : (KEYS[index % KEYS.length] ?? 0x61));
    const late = setTimeout(() => updated?.(), 5_000);
    await update;
    clearTimeout(late);
    samples.push(performance.now() - from);
    updated = undefined;
  }
  probe.onUpdate = () => undefined;
  return samples;
}

/** Presses `count` keys one after another, fast, and takes what they bring. */
export async function warm(probe: Probe, count: number): Promise<void> {
  probe.onUpdate = () => probe.request(true);
  probe.request(false);
  for (let index = 0; index < count; index += 1) {
    probe.press(KEYS[index % KEYS.length] ?? 0x61);
    await wait(2);
  }
  await wait(300); // what is still under way
  probe.onUpdate = () => undefined;
}

/** Whole frames one after another for some time: bytes and frames a second. */
export async function fullRate(
  probe: Probe,
  ms: number,
): Promise<{ readonly bytesPerSecond: number; readonly framesPerSecond: number }> {
  let going = true;
  let drained: () => void = () => undefined;
  const last = new Promise<void>((resolve) => {
    drained = resolve;
  });
  const from = performance.now();
  const [bytes, updates] = [probe.bytes, probe.updates];
  probe.onUpdate = () => {
    if (going) probe.request(false);
    else drained();
  };
  probe.request(false);
  await wait(ms);
  going = false;
  await last;
  const seconds = (performance.now() - from) / 1000;
  probe.onUpdate = () => undefined;
  return { bytesPerSecond: (probe.bytes - bytes) / seconds, framesPerSecond: (probe.updates - updates) / seconds };
}
