import { expect, test } from 'vitest';
import type { MergedDlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { Denial } from '../dlp/clipboard/conclude.ts';
import { deniedNotice, keyRateNotice, redactedNotice } from './notices.ts';
import { StreamPolicy } from './stream-policy.ts';

const RULES: MergedDlpRules = {
  clipboard: { up: true, down: true, maxBytes: 10_240, perMinute: 3, formats: ['text'], windowSeconds: 0, rules: [] },
  keysPerSecond: 20,
};
const limited = new StreamPolicy({
  hash: 'a',
  rules: RULES,
  origins: new Map(
    ['clipboard.up', 'clipboard.down', 'clipboard.maxBytes', 'clipboard.perMinute', 'clipboard.formats', 'keysPerSecond'].map(
      (field) => [field, 'DlpPolicy/streamspace/baseline'],
    ),
  ),
});
const unlimited = new StreamPolicy({
  hash: 'b',
  rules: { clipboard: { ...RULES.clipboard, maxBytes: 262_144 } },
  origins: new Map(),
});
const finding = { policy: 'team-web/cards', rule: 'card-number', action: 'Block', count: 2 } as const;

test.each([
  [
    limited,
    { rule: 'clipboardUpOff', direction: 'Up' },
    'Pasting into the desktop is switched off by policy streamspace/baseline.',
  ],
  [
    limited,
    { rule: 'clipboardDownOff', direction: 'Down' },
    'Copying out of the desktop is switched off by policy streamspace/baseline.',
  ],
  [
    limited,
    { rule: 'clipboardSize', direction: 'Up', bytes: 12_345 },
    'Pasting into the desktop was stopped: 12,345 bytes are more than the 10,240 that policy streamspace/baseline allows.',
  ],
  [
    unlimited,
    { rule: 'clipboardSize', direction: 'Down' },
    'Copying out of the desktop was stopped: it has more than the 262,144 that StreamSpace allows.',
  ],
  [
    limited,
    { rule: 'clipboardFormat', direction: 'Down' },
    'Copying out of the desktop was stopped: policy streamspace/baseline lets text pass, and it is something else.',
  ],
  [
    limited,
    { rule: 'clipboardRate', direction: 'Up' },
    'Pasting into the desktop was stopped: policy streamspace/baseline allows 3 a minute.',
  ],
  [
    limited,
    { rule: 'clipboardContent', direction: 'Up', findings: [{ ...finding, rule: 'other', action: 'Report' }, finding] },
    'Pasting into the desktop was stopped by policy team-web/cards (rule card-number).',
  ],
  [
    limited,
    { rule: 'clipboardUnjudged', direction: 'Up' },
    'Pasting into the desktop was stopped: its content could not be checked in time.',
  ],
  [limited, { rule: 'clipboardInvalid', direction: 'Up' }, 'Pasting into the desktop was stopped: it cannot be read.'],
] as const)('%#: which policy and which rule it was is said', (policy, denial, message) => {
  expect(deniedNotice({ attempt: true, ...denial } as Denial, policy).message).toBe(message);
});

test('what was redacted, and keys that were left out, are told as well', () => {
  const redact = { ...finding, action: 'Redact' } as const;
  expect(redactedNotice('Up', [redact])).toEqual({
    type: 'notice',
    code: 'ClipboardRedacted',
    message: 'A part of what you pasted was replaced with * by policy team-web/cards (rule card-number).',
  });
  expect(keyRateNotice(limited).message).toBe('Keys were left out: policy streamspace/baseline allows 20 a second.');
});
