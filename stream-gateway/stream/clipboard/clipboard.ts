// The clipboards of one stream, both directions: judged at the gate, then by the judges of content, and told about.
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { ContentVerdict } from '../../dlp/clipboard/clip.ts';
import { conclude, type HeldClip } from '../../dlp/clipboard/conclude.ts';
import { ClipboardGate, mayBeRead } from '../../dlp/clipboard/gate.ts';
import type { CutTextHeader, CutTextSender } from '../../rfb/cut-text.ts';
import type { StreamDlp } from '../stream-policy.ts';
import type { ClipboardReport } from './clipboard-report.ts';

export interface ClipboardPorts {
  readonly dlp: StreamDlp;
  readonly report: ClipboardReport;
  readonly judgeTimeoutMs: number;
  readonly now: () => number;
  readonly log: Logger;
  /** Aborted when the stream ends. */
  readonly signal: AbortSignal;
}

/** What is to be passed on in place of a message; undefined: nothing. */
type Passed = Buffer | undefined;

export class Clipboard {
  readonly #ports: ClipboardPorts;
  readonly #gates = { client: new ClipboardGate('client'), server: new ClipboardGate('server') };

  constructor(ports: ClipboardPorts) {
    this.#ports = ports;
  }

  /** Whether a clipboard with this header may be buffered; else hand over its header alone. */
  mayBeRead(sender: CutTextSender, header: CutTextHeader): boolean {
    return mayBeRead(header, sender, this.#ports.dlp.policy.current());
  }

  /** A promise only where a judge takes his time; it does not reject. @param message whole, or its header alone */
  pass(sender: CutTextSender, message: Buffer): Passed | Promise<Passed> {
    const { dlp, now } = this.#ports;
    const rate = sender === 'client' ? dlp.allowance.up : dlp.allowance.down;
    const rules = dlp.policy.current();
    const step = this.#gates[sender].judge(message, rules, rate, now());
    switch (step.action) {
      case 'forward':
        return step.bytes;
      case 'deny':
        this.#ports.report.denied(nameOf(sender), step.denial);
        return step.instead;
      case 'judge': {
        const { held } = step;
        if (rules.clipboard.rules.length === 0) return this.#conclude(held, { action: 'pass', clip: held.clip, findings: [] });
        const { hash } = dlp.policy;
        const verdict = this.#ask(held);
        if (!(verdict instanceof Promise)) return this.#conclude(held, verdict);
        // A verdict under rules that have changed meanwhile is none.
        return verdict.then((found) => this.#conclude(held, dlp.policy.hash === hash ? found : undefined));
      }
    }
  }

  /** What the other end of `sender` has to be told after a change of policy. */
  announcement(sender: CutTextSender): Buffer | undefined {
    return this.#gates[sender].announcement(this.#ports.dlp.policy.current());
  }

  #ask({ direction, clip }: HeldClip): ContentVerdict | undefined | Promise<ContentVerdict | undefined> {
    const { dlp, now, log } = this.#ports;
    const { policy, allowance, judge } = dlp;
    const failed = (error: unknown): undefined => {
      log.warn({ err: error }, 'a clipboard could not be judged');
      return undefined;
    };
    try {
      const verdict = judge({ key: allowance.key, rules: policy.current(), direction, clip, nowMs: now() });
      return verdict instanceof Promise ? this.#inTime(verdict).catch(failed) : verdict;
    } catch (error) {
      return failed(error);
    }
  }

  async #inTime(verdict: Promise<ContentVerdict>): Promise<ContentVerdict | undefined> {
    const done = new AbortController();
    const signal = AbortSignal.any([this.#ports.signal, done.signal]);
    // Neither out of time nor at the end of the stream is there a verdict.
    const late = delay(this.#ports.judgeTimeoutMs, signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([verdict, late]);
    } finally {
      done.abort();
    }
  }

  #conclude(held: HeldClip, verdict: ContentVerdict | undefined): Passed {
    const { report, signal } = this.#ports;
    if (signal.aborted) return undefined; // it goes nowhere any more
    const found = conclude(held, verdict);
    if (found.action === 'deny') {
      report.denied(nameOf(held.sender), found.denial);
      return found.instead;
    }
    report.passed(held, found);
    return found.bytes;
  }
}

function nameOf(sender: CutTextSender): 'clientCutText' | 'serverCutText' {
  return sender === 'client' ? 'clientCutText' : 'serverCutText';
}
