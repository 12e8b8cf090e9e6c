// The rules in force of a session, in words: each with the object that it comes from.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { MergedDlpRules } from '../../../../../schemas/kinds/policies/dlp-rules.ts';
import type { MergedSharing } from '../../../../../schemas/kinds/policies/session-rules.ts';
import { text } from '../../text/text.ts';
import { elapsedText } from '../time.ts';

export interface RuleRow {
  readonly field: string;
  readonly label: string;
  readonly value: string;
  readonly limited: boolean;
  /** `kind/namespace/name`; null where nothing limits it. */
  readonly from: string | null;
}

export type EffectivePolicyView = NonNullable<NonNullable<SessionView['status']>['effectivePolicy']>;
export type ContentRuleView = MergedDlpRules['clipboard']['rules'][number];

/** Every field, limited or not, in one order: what is not limited is an answer too. */
export function ruleRows({ dlp, sharing, displays, console: shell, lifetime, origins }: EffectivePolicyView): readonly RuleRow[] {
  const { fields, allowed, notAllowed, unlimited, bytes, perMinute, perSecond, seconds, alone, mark, part, wholeScreen } =
    text.rules;
  const { clipboard, files, keysPerSecond, watermark, region } = dlp;
  const from = new Map(origins.map((origin) => [origin.field, origin.from]));
  const row = (field: keyof typeof fields, value: string): RuleRow => ({
    field,
    label: fields[field],
    value,
    limited: from.has(field),
    from: from.get(field) ?? null,
  });
  return [
    row('clipboard.up', clipboard.up ? allowed : notAllowed),
    row('clipboard.down', clipboard.down ? allowed : notAllowed),
    row('clipboard.maxBytes', bytes(clipboard.maxBytes)),
    row('clipboard.perMinute', clipboard.perMinute === undefined ? unlimited : perMinute(clipboard.perMinute)),
    row('clipboard.formats', clipboard.formats.map((format) => text.rules.formats[format]).join(', ') || text.rules.none),
    row('clipboard.windowSeconds', clipboard.windowSeconds === 0 ? alone : seconds(clipboard.windowSeconds)),
    row('files.up', files?.up === true ? allowed : notAllowed),
    row('files.down', files?.down === true ? allowed : notAllowed),
    row('files.maxBytes', files?.maxBytes === undefined ? unlimited : bytes(files.maxBytes)),
    row('files.perMinute', files?.perMinute === undefined ? unlimited : perMinute(files.perMinute)),
    row('files.allowTypes', files?.allowTypes === undefined ? unlimited : files.allowTypes.join(', ') || text.rules.none),
    row('files.scan', files?.scan === 'Required' ? text.rules.scanned : text.rules.none),
    row('keysPerSecond', keysPerSecond === undefined ? unlimited : perSecond(keysPerSecond)),
    row('watermark', watermark === undefined ? text.rules.none : mark(watermark.text, watermark.opacityPercent)),
    row('region', region === undefined ? wholeScreen : part(region)),
    ...(sharing === undefined ? [] : sharingRows(sharing, row)),
    row('console.allow', shell?.allow === true ? allowed : notAllowed),
    ...(shell?.allow === true ? [row('console.idleTimeout', shell.idleTimeout)] : []),
    ...(lifetime?.idle === undefined ? [] : [row('idle.afterSeconds', elapsedText(1000 * lifetime.idle.afterSeconds))]),
    ...(lifetime?.maxDuration === undefined
      ? []
      : [row('maxDuration.seconds', elapsedText(1000 * lifetime.maxDuration.seconds))]),
    ...(displays?.max === undefined ? [] : [row('displays.max', String(displays.max))]),
    ...(displays?.maxPixels === undefined ? [] : [row('displays.maxPixels', displays.maxPixels.toLocaleString('en'))]),
  ];
}

function sharingRows(
  { allow, by, modes, maxTTL, maxViewers, guests, requireApproval }: MergedSharing,
  row: (field: keyof typeof text.rules.fields, value: string) => RuleRow,
): readonly RuleRow[] {
  const { allows, sharers, modesOf, unlimited, none, allowed, notAllowed, letIn, atOnce } = text.rules;
  return [
    row('sharing.allow', allows[allow]),
    row('sharing.by', sharers[by]),
    row('sharing.modes', modes.map((mode) => modesOf[mode]).join(', ') || none),
    row('sharing.maxTTL', maxTTL ?? unlimited),
    row('sharing.maxViewers', maxViewers === undefined ? unlimited : String(maxViewers)),
    row('sharing.guests', guests ? allowed : notAllowed),
    row('sharing.requireApproval', requireApproval ? letIn : atOnce),
  ];
}

/** `card-number` finds what, and in which direction. */
export function contentRuleText({ detector, pattern, action, direction }: ContentRuleView): string {
  const { actions, detectors, directions } = text.rules;
  const what = detector === undefined ? `/${pattern ?? ''}/` : detectors[detector];
  return `${what}: ${actions[action]}${direction === 'Both' ? '' : `, ${directions[direction]}`}`;
}

/** Why a direction of the clipboard is off, for the person who looks for it; null while it is on. */
export function clipboardOff(policy: EffectivePolicyView | undefined, direction: 'up' | 'down'): string | null {
  if (policy === undefined || policy.dlp.clipboard[direction]) return null;
  const field = `clipboard.${direction}`;
  const origin = policy.origins.find((each) => each.field === field)?.from ?? '';
  return text.rules.off[direction](policyName(origin));
}

/** `DlpPolicy/streamspace/base` as people name it. */
export function policyName(origin: string): string {
  return origin.slice(origin.indexOf('/') + 1);
}
