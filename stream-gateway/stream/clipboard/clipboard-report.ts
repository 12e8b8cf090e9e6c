// What is told about the clipboards and keys of one stream: to the audit, with a bound; to the metrics; to the person. Sizes,
// hashes and names of rules, never a word of the content.
import type { StreamNotice, StreamNoticeCode } from '../../../schemas/api/stream-notices.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { Finding } from '../../dlp/clipboard/clip.ts';
import type { Denial, HeldClip } from '../../dlp/clipboard/conclude.ts';
import { RateAllowance } from '../../dlp/rate.ts';
import type { DenyRule } from '../../dlp/verdict.ts';
import { deniedNotice, keyRateNotice, policyOfDenial, redactedNotice } from '../notices.ts';
import type { StreamPolicy } from '../stream-policy.ts';

export interface ClipboardReportPorts {
  readonly policy: StreamPolicy;
  readonly audit: (type: AuditEvent['type'], result: AuditEvent['result'], details: NonNullable<AuditEvent['details']>) => void;
  /** Counted, in the metrics and in the last line about the stream. */
  readonly onDenied: (message: string, rule: DenyRule) => void;
  readonly notify: (notice: StreamNotice) => void;
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
/** Of one stream a minute: a script that pastes in a loop must not fill the audit. What is above is counted. */
const MAX_EVENTS = { 'clipboard.denied': 60, 'clipboard.passed': 600 } as const;
/** Rules of one clipboard that are named. */
const MAX_FINDINGS = 16;
/** A new selection in a terminal is a copy, and the answer to it should not be a new message each time. */
const NOTICE_EVERY_MS: Readonly<Partial<Record<StreamNoticeCode, number>>> = { ClipboardDownOff: 300_000, KeyRate: 10_000 };

export class ClipboardReport {
  readonly #ports: ClipboardReportPorts;
  readonly #rates = { 'clipboard.denied': new RateAllowance(MINUTE_MS), 'clipboard.passed': new RateAllowance(MINUTE_MS) };
  readonly #noticed = new Map<string, number>();
  #leftOut = 0;

  constructor(ports: ClipboardReportPorts) {
    this.#ports = ports;
  }

  /** Events that the audit has only as this number. */
  get leftOut(): number {
    return this.#leftOut;
  }

  passed(
    { direction, bytes, sha256 }: HeldClip,
    what: { readonly redacted: boolean; readonly findings: readonly Finding[] },
  ): void {
    const { redacted, findings } = what;
    this.#event('clipboard.passed', 'success', { direction, bytes, sha256, redacted, ...countsOf(findings) });
    if (redacted) this.#notify(direction, redactedNotice(direction, findings));
  }

  denied(message: string, denial: Denial): void {
    const { policy, onDenied } = this.#ports;
    const { rule, direction, attempt, bytes, sha256, findings = [] } = denial;
    onDenied(message, rule);
    if (!attempt) return;
    this.#event('clipboard.denied', 'refused', {
      direction,
      rule,
      policy: policyOfDenial(denial, policy),
      ...(bytes === undefined ? {} : { bytes }),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...countsOf(findings),
    });
    this.#notify(direction, deniedNotice(denial, policy));
  }

  keyLeftOut(message: string): void {
    this.#ports.onDenied(message, 'keyRate');
    this.#notify('keys', keyRateNotice(this.#ports.policy));
  }

  #event(type: keyof typeof MAX_EVENTS, result: AuditEvent['result'], details: NonNullable<AuditEvent['details']>): void {
    if (this.#rates[type].take(MAX_EVENTS[type], this.#ports.now()))
      this.#ports.audit(type, result, { ...details, policyHash: this.#ports.policy.hash });
    else this.#leftOut += 1;
  }

  #notify(about: string, notice: StreamNotice): void {
    const now = this.#ports.now();
    const key = `${about} ${notice.code}`;
    const last = this.#noticed.get(key);
    if (last !== undefined && now - last < (NOTICE_EVERY_MS[notice.code] ?? 2_000)) return;
    this.#noticed.set(key, now);
    this.#ports.notify(notice);
  }
}

function countsOf(findings: readonly Finding[]): NonNullable<AuditEvent['details']> {
  return Object.fromEntries(
    findings.slice(0, MAX_FINDINGS).map(({ policy, rule, action, count }) => [`found.${policy}/${rule}/${action}`, count]),
  );
}
