// Codes of: what records a desktop, and what it has recorded.
import type { ErrorEntry } from './entry.ts';

export const RECORDER_ERRORS = {
  RecordingMalformed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Run `streamspace recordings verify` on the recording; it names the segment that is not as it was written.',
  },
  RecordingNotGenuine: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Do not trust the recording as a whole: fetch the named segments from a backup, or find out who changed them.',
  },
  RecordingKeyWrong: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Give the key whose id the manifest of the recording states.',
  },
  RecordingStopped: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Connect again in a moment. The session must be recorded; if it stays, an administrator has to look at the storage of recordings.',
  },
  StorageFull: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Free space where recordings are kept, or shorten their retention.',
  },
  StorageFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Look at the disk or the object storage of recordings; what was recorded waits in the spool meanwhile.',
  },
  ObjectMissing: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Check the name; the object may have been deleted by retention.',
  },
  ObjectExists: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Nothing has to be done about the same bytes sent twice; other bytes under the same name are a second writer.',
  },
  ExportFailed: {
    category: 'unavailable',
    retry: 'never',
    remedy: 'Install ffmpeg (Debian: apt-get install ffmpeg) where the command runs, and see what it printed.',
  },
} as const satisfies Record<string, ErrorEntry>;
