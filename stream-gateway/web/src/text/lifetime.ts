// Words of when a session ends by its policies, and why.
import type { EndAction, LifetimeReason } from '../../../../schemas/kinds/policies/lifetime-rules.ts';
import type { InputKind } from '../../../../schemas/kinds/policies/session-lifetime.ts';

const ends: Readonly<Record<EndAction, string>> = { Hibernate: 'Hibernates', Terminate: 'Ends for good' };
const done: Readonly<Record<EndAction, string>> = { Hibernate: 'Hibernated', Terminate: 'Ended for good' };
const why: Readonly<Record<LifetimeReason, string>> = {
  Idle: 'when nobody types',
  MaxDuration: 'having run for as long as it may',
  Schedule: 'when its hours are over',
  Dormancy: 'when nobody resumes it',
};
const because: Readonly<Record<LifetimeReason, string>> = {
  Idle: 'nobody typed',
  MaxDuration: 'it had run for as long as it may',
  Schedule: 'its hours were over',
  Dormancy: 'nobody resumed it',
};
const kinds: Readonly<Record<InputKind, string>> = {
  Key: 'last key',
  Pointer: 'last click',
  Console: 'last typed in the console',
};

export const lifetime = {
  title: 'Next',
  next: (action: EndAction, at: string, reason: LifetimeReason) => `${ends[action]} at ${at} ${why[reason]}`,
  last: (kind: InputKind | undefined, at: string) => `${kind === undefined ? 'last input' : kinds[kind]} ${at}`,
  snoozed: (at: string) => `put off until ${at}`,
  ended: (action: EndAction, at: string, reason: LifetimeReason) => `${done[action]} at ${at}: ${because[reason]}`,
  dormant: 'Nobody has resumed it for long',
  warning: (action: EndAction, left: string) =>
    action === 'Hibernate' ? `This desktop hibernates in ${left}.` : `This desktop and its home are deleted in ${left}.`,
  idleHint: 'Any key, click or touch in it keeps it going.',
  save: 'Save your work: open programs are closed.',
  keepWorking: 'Keep working',
  snoozeFailed: 'The end could not be put off',
};
