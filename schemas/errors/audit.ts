// Codes of: the audit log and its proof.
import type { ErrorEntry } from './entry.ts';

export const AUDIT_ERRORS = {
  AuditMalformed: {
    category: 'invalid',
    retry: 'never',
    remedy:
      'Verify again; if it stays, what came is no audit log of this version, or a file in the storage of checkpoints was changed.',
  },
  AuditNotGenuine: {
    category: 'conflict',
    retry: 'never',
    remedy:
      'Keep database and checkpoints as they are, and find out who had the rights of the database: docs/guides/audit-log.md says what each finding means.',
  },
  AuditSearchInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Mend the search at the place that is named: docs/guides/audit-log.md lists keys and values.',
  },
  AuditExportTooLarge: {
    category: 'limit',
    retry: 'never',
    remedy: 'Narrow the search, for example with since and until, and export it in parts.',
  },
  AuditViewLimit: {
    category: 'limit',
    retry: 'never',
    remedy: 'Delete a saved search that you no longer need, and save again.',
  },
  AuditSinkFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Look at the receiver that the message names, and at address, certificate and Secret of the sink. Events wait in the database.',
  },
  AuditCheckpointsOff: {
    category: 'unavailable',
    retry: 'never',
    remedy:
      'Set --recordings-folder or --recordings-s3-bucket, and --recordings-signing-key: checkpoints of the audit log lie beside the recordings, out of reach of whoever owns the database.',
  },
  AuditCheckpointsLate: {
    category: 'unavailable',
    retry: 'backoff',
    remedy:
      'Look at the storage of recordings, its rights and its free space, and at the database; the log of the gateway has the cause ("the audit log is not looked after"). It is tried again by itself.',
  },
  AuditSpoolFull: {
    category: 'limit',
    retry: 'backoff',
    remedy: 'Bring the database back. What could not be kept is counted, and told by the event audit.lost.',
  },
} as const satisfies Record<string, ErrorEntry>;
