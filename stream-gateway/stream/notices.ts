// What a person reads when a policy stops something: which policy, which rule, what it allows. Never the content.
import type { StreamNotice, StreamNoticeCode } from '../../schemas/api/stream-notices.ts';
import { MAX_CLIPBOARD_BYTES } from '../../schemas/kinds/policies/dlp-rules.ts';
import type { Direction, Finding } from '../dlp/clipboard/clip.ts';
import type { ClipboardRule, Denial } from '../dlp/clipboard/conclude.ts';
import type { StreamPolicy } from './stream-policy.ts';

const CODES: Readonly<Record<ClipboardRule, StreamNoticeCode>> = {
  clipboardUpOff: 'ClipboardUpOff',
  clipboardDownOff: 'ClipboardDownOff',
  clipboardSize: 'ClipboardSize',
  clipboardFormat: 'ClipboardFormat',
  clipboardRate: 'ClipboardRate',
  clipboardContent: 'ClipboardContent',
  clipboardUnjudged: 'ClipboardUnjudged',
  clipboardInvalid: 'ClipboardInvalid',
};
/** The field of the policy that a rule is about; null where there is none. */
const FIELDS: Readonly<Record<ClipboardRule, string | null>> = {
  clipboardUpOff: 'clipboard.up',
  clipboardDownOff: 'clipboard.down',
  clipboardSize: 'clipboard.maxBytes',
  clipboardFormat: 'clipboard.formats',
  clipboardRate: 'clipboard.perMinute',
  clipboardContent: null,
  clipboardUnjudged: null,
  clipboardInvalid: null,
};
const DOING: Readonly<Record<Direction, string>> = { Up: 'Pasting into the desktop', Down: 'Copying out of the desktop' };

/** `namespace/name` of the policy that a denial comes from; null where it is a limit of StreamSpace itself. */
export function policyOfDenial({ rule, findings }: Denial, policy: StreamPolicy): string | null {
  const field = FIELDS[rule];
  return field === null ? (decisive(findings)?.policy ?? null) : policy.policyOf(field);
}

export function deniedNotice(denial: Denial, policy: StreamPolicy): StreamNotice {
  return { type: 'notice', code: CODES[denial.rule], message: `${DOING[denial.direction]} ${whatOf(denial, policy)}.` };
}

export function redactedNotice(direction: Direction, findings: readonly Finding[]): StreamNotice {
  const found = findings.find(({ action }) => action === 'Redact');
  const what = direction === 'Up' ? 'what you pasted' : 'what you copied';
  const why = found === undefined ? '' : ` by policy ${found.policy} (rule ${found.rule})`;
  return { type: 'notice', code: 'ClipboardRedacted', message: `A part of ${what} was replaced with *${why}.` };
}

export function keyRateNotice(policy: StreamPolicy): StreamNotice {
  const allowed = policy.current().keysPerSecond ?? 0;
  const by = policy.policyOf('keysPerSecond');
  const message = `Keys were left out: ${by === null ? 'the policy' : `policy ${by}`} allows ${allowed} a second.`;
  return { type: 'notice', code: 'KeyRate', message };
}

function whatOf(denial: Denial, policy: StreamPolicy): string {
  const { rule, bytes, findings } = denial;
  const name = policyOfDenial(denial, policy);
  const by = name === null ? 'StreamSpace' : `policy ${name}`;
  const { clipboard } = policy.current();
  switch (rule) {
    case 'clipboardUpOff':
    case 'clipboardDownOff':
      return `is switched off by ${by}`;
    case 'clipboardSize': {
      const size = bytes === undefined ? 'it has' : `${grouped(bytes)} bytes are`;
      return `was stopped: ${size} more than the ${grouped(Math.min(clipboard.maxBytes, MAX_CLIPBOARD_BYTES))} that ${by} allows`;
    }
    case 'clipboardFormat':
      return `was stopped: ${by} lets ${clipboard.formats.join(', ') || 'no format'} pass, and it is something else`;
    case 'clipboardRate':
      return `was stopped: ${by} allows ${clipboard.perMinute ?? 0} a minute`;
    case 'clipboardContent': {
      const found = decisive(findings);
      return found === undefined ? `was stopped by ${by}` : `was stopped by ${by} (rule ${found.rule})`;
    }
    case 'clipboardUnjudged':
      return 'was stopped: its content could not be checked in time';
    case 'clipboardInvalid':
      return 'was stopped: it cannot be read';
  }
}

function decisive(findings: readonly Finding[] = []): Finding | undefined {
  return findings.find(({ action }) => action === 'Block') ?? findings[0];
}

/** 12345 as 12,345, wherever the gateway runs. */
function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}
