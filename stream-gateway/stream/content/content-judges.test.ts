import { afterEach, expect, test } from 'vitest';
import type { MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { ContentJudges } from './content-judges.ts';

type Rule = MergedDlpRules['clipboard']['rules'][number];

let judges: ContentJudges;
afterEach(async () => {
  await judges[Symbol.asyncDispose]();
});

const rule = (fields: Partial<Rule>): Rule => ({
  policy: 'streamspace/base',
  name: 'falcon',
  action: 'Block',
  direction: 'Both',
  ...fields,
});

function rulesOf(rules: readonly Rule[], windowSeconds = 0): MergedDlpRules {
  const formats = ['text', 'rtf', 'html', 'dib', 'files'] as const;
  return { clipboard: { up: true, down: true, maxBytes: 262_144, formats: [...formats], windowSeconds, rules: [...rules] } };
}

const ask = (rules: MergedDlpRules, text: string, { key = 'one', nowMs = 0 } = {}) =>
  judges.judge({ key, rules, direction: 'Up', clip: new Map([['text', Buffer.from(text)]]), nowMs });

/** Linear for one search, but each of the matches looks for the `b` to the end of the text: minutes. */
const DEAR = rule({ pattern: 'a.*b|a' });
const LONG = 'a'.repeat(250_000);

test('what is quick is judged on the spot, and what is long in a thread, with the same verdict', async () => {
  judges = new ContentJudges({ timeoutMs: 20_000 });
  const rules = rulesOf([rule({ pattern: 'falcon', action: 'Redact' })]);
  const short = ask(rules, 'a falcon');
  expect(short).not.toBeInstanceOf(Promise);
  expect(short).toMatchObject({ action: 'pass', findings: [{ rule: 'falcon', count: 1 }] });
  const filler = 'a '.repeat(100_000);
  const long = ask(rules, `${filler}falcon`);
  expect(long).toBeInstanceOf(Promise);
  const verdict = await long;
  expect(verdict).toMatchObject({ action: 'pass', findings: [{ rule: 'falcon', count: 1 }] });
  expect(verdict.action === 'pass' && String(verdict.clip.get('text'))).toBe(`${filler}******`);
});

test('G-27 a text on which a pattern takes for ever is denied in time, and others are judged meanwhile', async () => {
  judges = new ContentJudges({ timeoutMs: 3_000 });
  const order: string[] = [];
  const dear = Promise.resolve(ask(rulesOf([DEAR]), LONG, { key: 'slow' })).catch((error: Error) => {
    order.push('slow');
    return error.name;
  });
  const other = Promise.resolve(ask(rulesOf([rule({ pattern: 'falcon' })]), 'a '.repeat(100_000), { key: 'other' }));
  expect(await other).toMatchObject({ action: 'pass' });
  order.push('other');
  expect(await dear).toBe('AbortError');
  expect(order).toEqual(['other', 'slow']);
  // The thread went with it, and the next clipboard of the same person has one.
  expect(await ask(rulesOf([rule({ pattern: 'falcon' })]), `falcon${' a'.repeat(100_000)}`, { key: 'slow' })).toMatchObject({
    action: 'block',
  });
});

test('G-27 patterns that are dear to make ready are made ready in a thread, and cost the others nothing', async () => {
  judges = new ContentJudges({ timeoutMs: 20_000 });
  const dear = rulesOf([rule({ pattern: 'falcon(?:[a-z]?){1000}' })]);
  const asked = ask(dear, 'a falcon');
  expect(asked).toBeInstanceOf(Promise);
  expect(await asked).toMatchObject({ action: 'block', findings: [{ rule: 'falcon', count: 1 }] });
});

test('nobody takes a second thread while his first clipboard is judged', async () => {
  judges = new ContentJudges({ timeoutMs: 2_000 });
  const first = Promise.resolve(ask(rulesOf([DEAR]), LONG)).catch(() => 'late');
  expect(() => ask(rulesOf([DEAR]), LONG)).toThrow(/being judged/);
  expect(await first).toBe('late');
});

test('G-28 two halves within the window are one secret; without a window, for another person, or too late they are not', () => {
  judges = new ContentJudges();
  const rules = rulesOf([rule({ detector: 'CardNumber' })], 10);
  const [head, tail] = ['4111 1111 ', '1111 1111'];
  expect(ask(rules, head)).toMatchObject({ action: 'pass' });
  expect(ask(rules, tail, { key: 'other', nowMs: 1 })).toMatchObject({ action: 'pass' });
  expect(ask(rules, tail, { nowMs: 9_000 })).toMatchObject({ action: 'block', findings: [{ count: 1 }] });
  expect(ask(rules, tail, { nowMs: 10_000 })).toMatchObject({ action: 'pass' });
  const alone = rulesOf([rule({ detector: 'CardNumber' })]);
  expect(ask(alone, head, { key: 'third' })).toMatchObject({ action: 'pass' });
  expect(ask(alone, tail, { key: 'third' })).toMatchObject({ action: 'pass' });
});
