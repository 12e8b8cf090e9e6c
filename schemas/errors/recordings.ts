// Codes of: the index of recordings, and who may watch and delete them.
import type { ErrorEntry } from './entry.ts';

export const RECORDING_ERRORS = {
  RecordingConflict: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Two recorders wrote the same segment: look at the log of the gateway replicas, and verify the recording.',
  },
  RecordingDeleted: {
    category: 'conflict',
    retry: 'never',
    remedy: 'It cannot come back; the page of the recording says who deleted it and why.',
  },
  RecordingLive: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Wait until the recording has ended: stop it, or end the session.',
  },
  RecordingHeld: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Lift the legal hold first, with the right `hold` on recordings.',
  },
  RecordingNotOnDemand: {
    category: 'conflict',
    retry: 'never',
    remedy:
      'A recording by hand needs a RecordingPolicy with `record: OnDemand` for this session; its page shows what is in force.',
  },
  RecordingConsentNotAsked: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Nothing has to be answered: no RecordingPolicy with `record: Consent` is in force for this session.',
  },
  RecordingViewForbidden: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask for the right `get` on recordings in the namespace, or to be among the `viewers` of the RecordingPolicy.',
  },
  RecordingDownloadOff: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Watch it on the page of the recording: the RecordingPolicy does not let it leave the platform as a file.',
  },
  StepUpRequired: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Give your second factor again, or sign in again where you have none, and repeat it; an API key cannot.',
  },
  PlayerFailed: {
    category: 'unavailable',
    retry: 'never',
    remedy:
      'Load the page again; if it stays, use a current Firefox, Chrome, Edge or Safari, and look whether a plug-in stops scripts.',
  },
  RecordingStorageOff: {
    category: 'unavailable',
    retry: 'never',
    remedy: 'Configure where recordings are kept; this gateway has no storage for them.',
  },
} as const satisfies Record<string, ErrorEntry>;
