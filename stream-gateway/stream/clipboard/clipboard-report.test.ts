import { expect, test } from 'vitest';
import type { StreamNotice } from '../../../schemas/api/stream-notices.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { Finding } from '../../dlp/clipboard/clip.ts';
import type { Denial } from '../../dlp/clipboard/conclude.ts';
import { StreamPolicy } from '../stream-policy.ts';
import { ClipboardReport } from './clipboard-report.ts';

function reporting() {
  const clock = { now: 0 };
  const audit: Pick<AuditEvent, 'type' | 'result' | 'details'>[] = [];
  const notices: StreamNotice[] = [];
  const denied: string[] = [];
  const report = new ClipboardReport({
    policy: new StreamPolicy({
      hash: 'a',
      rules: { clipboard: { up: false, down: false, maxBytes: 9, formats: [], windowSeconds: 0, rules: [] } },
      origins: new Map([['clipboard.up', 'DlpPolicy/streamspace/baseline']]),
    }),
    audit: (type, result, details) => audit.push({ type, result, details }),
    onDenied: (message, rule) => denied.push(`${message}/${rule}`),
    notify: (notice) => notices.push(notice),
    now: () => clock.now,
  });
  return { report, clock, audit, notices, denied };
}
const up: Denial = { rule: 'clipboardUpOff', direction: 'Up', attempt: true, bytes: 3 };
const down: Denial = { rule: 'clipboardDownOff', direction: 'Down', attempt: true };

test('a denied clipboard is counted, audited with its policy, and told; the same again only after a while', () => {
  const { report, clock, audit, notices, denied } = reporting();
  report.denied('clientCutText', up);
  report.denied('clientCutText', up);
  report.denied('serverCutText', down);
  clock.now = 2_000;
  report.denied('clientCutText', up);
  report.denied('serverCutText', down);
  expect(notices.map(({ code }) => code)).toEqual(['ClipboardUpOff', 'ClipboardDownOff', 'ClipboardUpOff']);
  expect(denied).toHaveLength(5);
  expect(audit).toHaveLength(5);
  expect(audit[0]).toEqual({
    type: 'clipboard.denied',
    result: 'refused',
    details: { direction: 'Up', rule: 'clipboardUpOff', policy: 'streamspace/baseline', bytes: 3, policyHash: 'a' },
  });
  expect(audit[2]?.details).toMatchObject({ direction: 'Down', policy: null });
});

test('what the two ends only ask each other is counted, and no more', () => {
  const { report, audit, notices, denied } = reporting();
  report.denied('clientCutText', { ...down, attempt: false });
  expect([denied, audit, notices]).toEqual([['clientCutText/clipboardDownOff'], [], []]);
});

test('what was found is in the audit as rules and counts, of at most sixteen rules', () => {
  const { report, audit } = reporting();
  const findings = Array.from(
    { length: 20 },
    (_, index): Finding => ({ policy: 'team-web/cards', rule: `rule-${index}`, action: 'Report', count: index + 1 }),
  );
  const held = { sender: 'client', direction: 'Up', clip: new Map(), bytes: 5, sha256: 'f00d', plain: null } as const;
  report.passed(held, { redacted: false, findings });
  const details = audit[0]?.details ?? {};
  expect(details).toMatchObject({ direction: 'Up', bytes: 5, sha256: 'f00d', 'found.team-web/cards/rule-2/Report': 3 });
  expect(Object.keys(details).filter((key) => key.startsWith('found.'))).toHaveLength(16);
});

test('a flood is in the audit as a number', () => {
  const { report, clock, audit } = reporting();
  for (let count = 0; count < 100; count += 1) report.denied('clientCutText', up);
  expect([audit.length, report.leftOut]).toEqual([60, 40]);
  clock.now = 60_000;
  report.denied('clientCutText', up);
  expect(audit).toHaveLength(61);
});
