import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import type { MergedDlpRules } from '../../schemas/kinds/policies/dlp-rules.ts';
import { RateAllowance } from '../dlp/rate.ts';
import { Clipboard } from '../stream/clipboard/clipboard.ts';
import { ClipboardReport } from '../stream/clipboard/clipboard-report.ts';
import { type PolicyInForce, type StreamDlp, StreamPolicy } from '../stream/stream-policy.ts';
import { ConsoleInput } from './console-input.ts';
import { ConsoleOutput } from './console-output.ts';
import { consoleRefusal } from './console-policy.ts';
import { IdleWatch } from './idle-watch.ts';
import { Resizes } from './resizes.ts';

const RULES: MergedDlpRules = {
  clipboard: { up: true, down: true, maxBytes: 1_000, formats: ['text'], windowSeconds: 0, rules: [] },
};
const inForce = (more: Partial<PolicyInForce> = {}): PolicyInForce => ({ hash: 'h', rules: RULES, origins: new Map(), ...more });

interface World {
  readonly input: ConsoleInput;
  readonly output: ConsoleOutput;
  readonly written: () => string;
  readonly sent: () => string;
  readonly flow: string[];
  readonly events: string[];
  readonly ends: string[];
}

function world(rules: MergedDlpRules = RULES, windowBytes = 100, waitingBytes = 0): World {
  const rate = () => new RateAllowance(60_000);
  const rates = { up: rate(), down: rate() };
  const allowance = { key: 'k', ...rates, keys: new RateAllowance(1_000), files: { up: rate(), down: rate() } };
  const dlp: StreamDlp = {
    policy: new StreamPolicy(inForce({ rules })),
    allowance,
    judge: ({ clip }) => ({ action: 'pass', clip, findings: [] }),
  };
  const events: string[] = [];
  const report = new ClipboardReport({
    policy: dlp.policy,
    audit: (type, _result, details) => events.push(`${type} ${String(details['rule'] ?? '')}`.trim()),
    onDenied: () => undefined,
    notify: () => undefined,
    now: () => 0,
  });
  const signal = new AbortController().signal;
  const log = createLogger({ name: 'test', level: 'silent' });
  const clipboard = new Clipboard({ dlp, report, judgeTimeoutMs: 1_000, now: () => 0, log, signal });
  let written = '';
  let sent = '';
  const flow: string[] = [];
  const ends: string[] = [];
  const terminal = {
    waitingBytes,
    write: (bytes: Buffer) => {
      written += bytes.toString();
    },
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
  };
  const output = new ConsoleOutput({
    ...{ clipboard, report, windowBytes },
    send: (bytes) => {
      sent += bytes.toString();
    },
    onStripped: (why) => events.push(`stripped ${why}`),
  });
  output.attach(terminal);
  const ports = { dlp, clipboard, report, maxInputBytes: 2_000, now: () => 0, onActivity: () => events.push('active') };
  const input = new ConsoleInput({ ...ports, onEnd: ({ code }) => ends.push(code) }, terminal);
  return { input, output, written: () => written, sent: () => sent, flow, events, ends };
}

describe('output', () => {
  test('G-68 is not read above the window, and read again when the page has shown half of it', () => {
    const { output, flow } = world();
    output.receive(Buffer.alloc(100, 'x'));
    expect(flow).toEqual([]);
    output.receive(Buffer.alloc(50, 'x'));
    expect(flow).toEqual(['pause']);
    output.taken(99);
    expect(flow).toEqual(['pause']);
    output.taken(1);
    expect(flow).toEqual(['pause', 'resume']);
    expect(() => output.taken(51)).toThrow('more than it was sent');
  });

  test('G-68 keeps its order around a clipboard that is judged', async () => {
    const { output, sent, events } = world();
    output.receive(Buffer.from('a\u001b]52;c;aGk=\u0007b'));
    output.receive(Buffer.from('c\u001b]52;c;?\u0007d'));
    await vi.waitFor(() => expect(sent()).toBe('a\u001b]52;c;aGk=\u0007bcd'));
    expect(events).toEqual(['clipboard.passed', 'stripped query']);
  });
});

describe('input', () => {
  test('G-68 waits for a paste that is judged, and keeps its order', async () => {
    const { input, written } = world();
    input.receive(Buffer.from('1'));
    input.paste('two\r\nlines', { bracketed: true });
    input.receive(Buffer.from('3'));
    await vi.waitFor(() => expect(written()).toBe('1\u001b[200~two\rlines\u001b[201~3'));
  });

  test('G-68 a paste cannot end its own marks', async () => {
    const { input, written } = world();
    input.paste('a\u001b[201~rm', { bracketed: true });
    await vi.waitFor(() => expect(written()).toBe('\u001b[200~a\u241b[201~rm\u001b[201~'));
  });

  test('G-68 a paste that may not go in leaves nothing but the end of its mark', async () => {
    const { input, written, events } = world({ ...RULES, clipboard: { ...RULES.clipboard, up: false } });
    input.receive(Buffer.from('\u001b[200~secret\u001b[201~x'));
    input.paste('secret', { bracketed: true });
    input.paste('x'.repeat(300_000), { bracketed: false });
    await vi.waitFor(() => expect(written()).toBe('\u001b[200~\u001b[201~x'));
    await vi.waitFor(() =>
      expect(events.filter((event) => event.startsWith('clipboard'))).toEqual([
        'clipboard.denied clipboardUpOff',
        'clipboard.denied clipboardUpOff',
        'clipboard.denied clipboardSize',
      ]),
    );
  });

  test('G-68 keys above the rate of the policy are left out', async () => {
    const { input, written } = world({ ...RULES, keysPerSecond: 3 });
    input.receive(Buffer.from('a\u001b[Abcd'));
    await vi.waitFor(() => expect(written()).toBe('a\u001b[Ab'));
  });

  test('G-68 that is not taken ends the console, not the memory', () => {
    const { input, ends } = world(RULES, 100, 1_999);
    input.receive(Buffer.from('ab'));
    expect(ends).toEqual(['ConsoleInputFull']);
  });
});

describe('in time', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function idleWatch(timeoutMs: number): { readonly watch: IdleWatch; readonly told: string[] } {
    const told: string[] = [];
    const watch = new IdleWatch({
      ...{ timeoutMs, warnMs: 60_000, now: () => performance.now() },
      onWarning: (endsInMs) => told.push(`warning ${endsInMs}`),
      onActive: () => told.push('active'),
      onIdle: () => told.push('idle'),
    });
    return { watch, told };
  }

  test('P-15-2 who does not type is warned a minute before, and again after he typed', () => {
    const { watch, told } = idleWatch(600_000);
    vi.advanceTimersByTime(539_000);
    watch.touch();
    vi.advanceTimersByTime(539_999);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['warning 60000']);
    watch.touch();
    vi.advanceTimersByTime(600_000);
    expect(told).toEqual(['warning 60000', 'active', 'warning 60000', 'idle']);
  });

  test('P-15-2 a shorter timeout of another policy holds at once', () => {
    const { watch, told } = idleWatch(600_000);
    vi.advanceTimersByTime(100_000);
    watch.setTimeout(50_000);
    expect(told).toEqual(['idle']);
    watch[Symbol.dispose]();
  });

  test('G-68 of many sizes the first and the last are told, and few between', () => {
    const told: number[] = [];
    using resizes = new Resizes<number>(100, (size) => told.push(size));
    for (let size = 0; size < 500; size += 1) {
      resizes.push(size);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(1_000);
    expect([told[0], told.at(-1)]).toEqual([0, 499]);
    expect(told.length).toBeLessThanOrEqual(7);
  });
});

test.each([
  ['no policy speaks of it', {}, 'ConsoleOff'],
  ['a policy says no', { console: { allow: false, idleTimeoutMs: 1 } }, 'ConsoleOff'],
  ['all has to be recorded', { console: { allow: true, idleTimeoutMs: 1 }, mustBeRecorded: true }, 'ConsoleUnrecorded'],
  ['a policy says yes', { console: { allow: true, idleTimeoutMs: 1 } }, undefined],
] as const)('P-15-1 a console where %s', (_name, more, code) => {
  expect(consoleRefusal(new StreamPolicy(inForce(more)))?.code).toBe(code);
});
