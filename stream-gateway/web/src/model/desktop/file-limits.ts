// What the rules in force say about files, in words, before one tries.
import { coversType } from '../../../../../schemas/media-types.ts';
import { text } from '../../text/text.ts';
import { type EffectivePolicyView, policyName } from '../sessions/session-rules.ts';

/** Why a direction is off; null while it is on. Without rules nothing is on. */
export function filesOff(policy: EffectivePolicyView | undefined, direction: 'up' | 'down'): string | null {
  const rules = policy?.dlp.files;
  if (rules === undefined) return text.files.unknown;
  return rules[direction] ? null : text.files.off[direction](policyName(originOf(policy, `files.${direction}`)));
}

/** What is limited, a sentence each. */
export function fileLimits(policy: EffectivePolicyView | undefined): readonly string[] {
  const rules = policy?.dlp.files;
  if (rules === undefined) return [];
  const { limits } = text.files;
  return [
    ...(rules.maxBytes === undefined ? [] : [limits.maxBytes(bytesText(rules.maxBytes))]),
    ...(rules.perMinute === undefined ? [] : [limits.perMinute(rules.perMinute)]),
    ...(rules.allowTypes === undefined ? [] : [limits.allowTypes(rules.allowTypes.join(', '))]),
    ...(rules.denyTypes.length === 0 ? [] : [limits.denyTypes([...new Set(rules.denyTypes.map(({ type }) => type))].join(', '))]),
    ...(rules.scan === 'Required' ? [limits.scan] : []),
  ];
}

/** Why this file would be refused, as far as can be known without its content; null where it may be tried. */
export function wouldRefuse(policy: EffectivePolicyView | undefined, file: Pick<File, 'size' | 'type'>): string | null {
  const rules = policy?.dlp.files;
  const off = filesOff(policy, 'up');
  if (rules === undefined || off !== null) return off;
  if (rules.maxBytes !== undefined && file.size > rules.maxBytes)
    return text.files.tooLarge(bytesText(file.size), bytesText(rules.maxBytes), policyName(originOf(policy, 'files.maxBytes')));
  const denied = rules.denyTypes.find(({ type }) => coversType(type, file.type));
  return denied === undefined ? null : text.files.typeDenied(file.type, denied.policy);
}

/** `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${amount.toLocaleString('en', { maximumFractionDigits: amount < 10 && power > 0 ? 1 : 0 })} ${units[power]}`;
}

function originOf(policy: EffectivePolicyView | undefined, field: string): string {
  return policy?.origins.find((origin) => origin.field === field)?.from ?? '';
}
