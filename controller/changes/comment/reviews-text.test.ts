import { Parser } from 'commonmark';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reviewStanding } from '../../../schemas/kinds/changes/change-request.ts';
import { reviewsText } from './reviews-text.ts';

const review = { verdict: 'Approve', commit: 'c'.repeat(40), at: '2027-03-01T08:00:00Z' } as const;

test('S-100 the comment says who counts, who does not and why, and how many are missing', () => {
  const approvals = [
    { ...review, by: 'ann', standing: 'Counts' },
    { ...review, by: 'octocat', standing: 'Unknown' },
    { ...review, by: 'bob', standing: 'Stale' },
  ] as const;
  expect(reviewsText({ approvalsNeeded: 2, approvals: [...approvals] })).toBe(
    [
      '**Approvals:** 1 of 2, 1 missing\n',
      '- `ann` approves `cccccccccccc`',
      '- `octocat` approves `cccccccccccc`: not counted, nobody here is known by this name (`spec.changes.forge.people` of the GitSync)',
      '- `bob` approves `cccccccccccc`: not counted, it was given for an earlier commit\n',
    ].join('\n'),
  );
  expect(reviewsText({ approvalsNeeded: 1, approvals: [approvals[0]] })).toMatch(/^\*\*Approvals:\*\* 1 of 1\n/);
  expect(reviewsText({})).toBe('');
});

test('a login is no markup and mentions nobody, and many reviews are few lines', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('`', '@', 'a', '<', '\n', '[', '#'), minLength: 1 }),
      fc.constantFrom(...reviewStanding.options),
      (by, standing) => {
        const approvals = Array.from({ length: 60 }, () => ({ ...review, by, standing }));
        const text = reviewsText({ approvalsNeeded: 1, approvals });
        const walker = new Parser().parse(text).walker();
        for (let event = walker.next(); event !== null; event = walker.next()) {
          expect(['link', 'image', 'html_inline', 'html_block']).not.toContain(event.node.type);
          if (event.node.type === 'text') expect(event.node.literal).not.toMatch(/[@<#[`]/);
        }
        expect(text.split('\n').length).toBeLessThan(26);
      },
    ),
  );
});
