import { expect, test } from 'vitest';
import type { MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { burnOf, changesPixels } from './burn-of-policy.ts';

const clipboard: MergedDlpRules['clipboard'] = {
  ...{ up: true, down: true, maxBytes: 0, formats: [], windowSeconds: 0, rules: [] },
};
const FACTS = { user: 'ann {time} $&', session: 'team-web/one', address: '10.1.2.3' };
const AT = new Date('2026-11-28T12:34:56.789Z');

test('placeholders are filled in once, others stay, and lines are lines', () => {
  const text = '{user}\n{session} {address}\n{time} {else}';
  const watermark = { text, image: 'iVBORw0KGgo', opacityPercent: 20, position: 'BottomLeft', refreshSeconds: 60 } as const;
  expect(burnOf({ clipboard, watermark }, FACTS, AT)).toEqual({
    watermark: {
      lines: ['ann {time} $&', 'team-web/one 10.1.2.3', '2026-11-28 12:34 UTC {else}'],
      opacity: 0.2,
      position: 'bottomLeft',
      image: 'iVBORw0KGgo',
    },
  });
});

test('an empty region hides everything, and is a reason to change pixels', () => {
  const rules = { clipboard, region: { left: 5, top: 0, width: 0, height: 7 } };
  expect([changesPixels(rules), changesPixels({ clipboard })]).toEqual([true, false]);
  expect(burnOf(rules, FACTS, AT)).toEqual({ region: { x: 5, y: 0, width: 0, height: 7, unit: 'pixels', outside: 'black' } });
});
