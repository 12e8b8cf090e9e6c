// Sharing in words and colours. Pure.
import type { PersonHere, PresenceNotice } from '../../../../../schemas/api/presence-notices.ts';
import type { ShareListView, ShareView } from '../../../../../schemas/api/sharing.ts';
import { text } from '../../text/text.ts';

export function meIn(presence: PresenceNotice | null): PersonHere | null {
  return presence?.people.find(({ id }) => id === presence.you) ?? null;
}

/** `Ada, Ben and the team web` without the grammar: names with a comma. */
export function withWhom({ subjects }: Pick<ShareView, 'subjects'>): string {
  return subjects === null ? text.sharing.anybody : subjects.map(({ name }) => name).join(', ');
}

/** `Ada Lovelace` as `AL`. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => word !== '');
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? '?')][0]?.toUpperCase() ?? '?').join('');
}

const COLOURS = ['#9c95f0', '#6fd391', '#f0bf5c', '#ff9a90', '#6cc7f0', '#e79bd8', '#c3d36f', '#f0976c'] as const;

/** The same for the same person, wherever he is shown. */
export function colourOf(id: string): string {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return COLOURS[sum % COLOURS.length] ?? COLOURS[0];
}

/** What limits a share, in half sentences; empty where nothing does. That guests stay outside is so without a policy, too. */
export function limitsOf({ policy }: Pick<ShareListView, 'policy'>): string {
  const { sharing } = text;
  const limited = policy.maxTTL !== undefined || policy.maxViewers !== undefined || policy.guests;
  if (!limited) return policy.allow === 'Link' ? sharing.linkNeedsAccount : '';
  const words = [
    ...(policy.maxTTL === undefined ? [] : [sharing.limitTtl(policy.maxTTL)]),
    ...(policy.maxViewers === undefined ? [] : [sharing.limitViewers(policy.maxViewers)]),
    ...(policy.guests ? (policy.requireApproval ? [sharing.limitApproval] : []) : [sharing.limitGuests]),
  ].join('; ');
  return sharing.limits(words);
}
