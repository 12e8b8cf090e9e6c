// Whether and how the picture of a desktop is recorded: the rules of a RecordingPolicy, and their shape once several are merged.
import * as z from 'zod';
import { syncWindow } from '../git-sync/sync-window.ts';
import { cel, dnsLabel } from '../kind.ts';

/** From the laxest to the strictest. */
export const recordWhen = z.enum(['Off', 'OnDemand', 'Consent', 'Always']);
export type RecordWhen = z.infer<typeof recordWhen>;

export const recordingMode = z.enum(['BestEffort', 'Required']);
export type RecordingMode = z.infer<typeof recordingMode>;

/** Of the people who have the right in the cluster, or are owner or participant: who may watch. */
export const VIEWER_ROLES = ['Owner', 'Participant', 'Auditor'] as const;
export type ViewerRole = (typeof VIEWER_ROLES)[number];
const GROUP = 'group:';

/** What a policy that records asks for where it does not say. */
export const DEFAULT_FRAMES_PER_SECOND = 5;
export const DEFAULT_SEGMENT_SECONDS = 60;
/** No policy of a team can make a recording useless by a lower limit. */
const MIN_BYTES_PER_SECOND = 64 * 1024;

const recordField = recordWhen.describe(
  '`OnDemand`: while somebody wants it. `Consent`: after the owner has agreed. `Always`: from the first picture to the last.',
);
const modeField = recordingMode.describe(
  '`Required`: the session ends when it cannot be recorded. `BestEffort`: it goes on, and the gap is told.',
);
const framesField = z.int().min(1).max(15).describe('Pictures a second, at most.');
const segmentField = z
  .int()
  .min(10)
  .max(600)
  .describe('Length of a segment in seconds. A crash costs the open segment at most, and a seek reads two.');
const bytesField = z
  .int()
  .min(MIN_BYTES_PER_SECOND)
  .max(1024 ** 3)
  .describe('Bytes a second at most, on average over a segment: above it there are fewer pictures, never a gap.');
const retentionField = z
  .int()
  .min(1)
  .max(36_500)
  .describe('Deleted so many days after its end. Left out: kept until somebody deletes it.');
const holdField = z.boolean().describe('Whether it is kept whatever `retentionDays` says, until a person lifts the hold.');
const downloadField = z.boolean().describe('Whether a recording may leave the platform as a file.');
const stepUpField = z.boolean().describe('Whether who watches has to have signed in a short time ago.');
const notifyField = z.boolean().describe('Whether the person is told by a message when recording begins, besides the badge.');
const inputField = z.boolean().describe('Marks when there was input. Never which key.');
const clipboardField = z.boolean().describe('Marks when a clipboard passed or was stopped, with its size. Never its text.');
const keyName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/, 'use letters, digits, -, _ and .')
  .describe('The key within it: 32 bytes.');

export const recordingViewer = z
  .string()
  .min(1)
  .max(134)
  .regex(
    /^(Owner|Participant|Auditor|group:([a-z0-9][-a-z0-9]{0,31}:)?[^\s:]{1,128})$/,
    'write Owner, Participant, Auditor or group:NAME',
  )
  .describe(
    '`Owner`, `Participant`, `Auditor` (who has the right in the cluster), or `group:NAME` (who has it and is in the group).',
  );

export const recordingWindow = z.object(syncWindow.omit({ kind: true, manual: true }).shape);
export type RecordingWindow = z.infer<typeof recordingWindow>;

const WINDOWS_NEED_ALWAYS = 'windows say when `record: Always` holds: give both or none';

export const recordingRulesOfPolicy = z.object({
  record: recordField.optional(),
  mode: modeField.optional(),
  framesPerSecond: framesField.optional(),
  segmentSeconds: segmentField.optional(),
  maxBytesPerSecond: bytesField.optional(),
  windows: z
    .array(recordingWindow)
    .min(1)
    .max(16)
    .optional()
    .describe('When `record: Always` holds. Left out: at all times. Outside of them this policy asks for no recording.'),
  encryptionKeyRef: z
    .object({ name: dnsLabel.describe('Name of a Secret in the namespace of the policy.'), key: keyName })
    .optional()
    .describe('The key that recordings are encrypted with. Left out: not encrypted by us.'),
  retentionDays: retentionField.optional(),
  legalHold: holdField.optional(),
  viewers: z
    .array(recordingViewer)
    .max(32)
    .optional()
    .describe('Who may watch, of those who have the right. Left out: all of them. Empty: nobody.'),
  download: downloadField.optional(),
  stepUp: stepUpField.optional(),
  notifyUser: notifyField.optional(),
  events: z
    .object({ input: inputField.optional(), clipboard: clipboardField.optional() })
    .optional()
    .describe('What is marked on the time line of a recording.'),
});
export type RecordingRulesOfPolicy = z.infer<typeof recordingRulesOfPolicy>;

export const windowsNeedAlways = {
  holds: ({ record, windows }: RecordingRulesOfPolicy): boolean => windows === undefined || record === 'Always',
  message: WINDOWS_NEED_ALWAYS,
  cel: cel({ rule: "!has(self.windows) || (has(self.record) && self.record == 'Always')", message: WINDOWS_NEED_ALWAYS }),
};

/** As {@link recordingRulesOfPolicy}, merged over all policies of one session, at a time. */
export const recordingRules = z.object({
  record: recordField,
  mode: modeField,
  framesPerSecond: framesField,
  segmentSeconds: segmentField,
  maxBytesPerSecond: bytesField.optional(),
  encryptionKeyRef: z
    .object({
      namespace: z.string().max(63).describe('Namespace of the Secret: that of the policy.'),
      name: z.string().max(63).describe('Its name.'),
      key: z.string().max(253).describe('The key within it.'),
    })
    .optional()
    .describe('The key that recordings are encrypted with. Left out: not encrypted by us.'),
  retentionDays: retentionField.optional(),
  legalHold: holdField,
  viewers: z
    .array(z.string().max(134).describe('As in the policy.'))
    .max(64)
    .describe('Who may watch, of those who have the right.'),
  download: downloadField,
  stepUp: stepUpField,
  notifyUser: notifyField,
  events: z.object({ input: inputField, clipboard: clipboardField }).describe('What is marked on the time line.'),
});
/** What the recorder obeys. */
export type RecordingRules = z.infer<typeof recordingRules>;

/** What holds where no RecordingPolicy applies. */
export const NOT_RECORDED: RecordingRules = {
  record: 'Off',
  mode: 'BestEffort',
  framesPerSecond: DEFAULT_FRAMES_PER_SECOND,
  segmentSeconds: DEFAULT_SEGMENT_SECONDS,
  legalHold: false,
  viewers: [...VIEWER_ROLES].toSorted(),
  download: true,
  stepUp: false,
  notifyUser: false,
  events: { input: false, clipboard: false },
};

/**
 * @param wished `spec.record` of the Session: somebody wants it recorded
 * @param agreed the owner has agreed to be recorded
 */
export function isToBeRecorded({ record }: RecordingRules, { wished, agreed }: { wished: boolean; agreed: boolean }): boolean {
  switch (record) {
    case 'Off':
      return false;
    case 'OnDemand':
      return wished;
    case 'Consent':
      return agreed;
    case 'Always':
      return true;
  }
}

/** The name of the group, where the entry of `viewers` is one. */
export function groupOfViewer(viewer: string): string | undefined {
  return viewer.startsWith(GROUP) ? viewer.slice(GROUP.length) : undefined;
}
