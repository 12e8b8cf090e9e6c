// The one table of error codes. A code is PascalCase like a condition reason, because it is one: the same word stands
// in status, event, HTTP body, close frame, log and metric. Codes are added, never renamed (docs/reference/errors.md).

import { ACCESS_ERRORS } from './errors/access.ts';
import { APPLY_ERRORS } from './errors/apply.ts';
import { AUDIT_ERRORS } from './errors/audit.ts';
import { CHANGE_ERRORS } from './errors/changes.ts';
import { CONSOLE_ERRORS } from './errors/console.ts';
import type { ErrorEntry } from './errors/entry.ts';
import { FACTOR_ERRORS } from './errors/factors.ts';
import { FILE_ERRORS } from './errors/files.ts';
import { GATEWAY_ERRORS } from './errors/gateway.ts';
import { GIT_ERRORS } from './errors/git.ts';
import { HEALTH_ERRORS } from './errors/health.ts';
import { POLICY_ERRORS } from './errors/policies.ts';
import { RECORDER_ERRORS } from './errors/recorder.ts';
import { RECORDING_ERRORS } from './errors/recordings.ts';
import { RENDER_ERRORS } from './errors/render.ts';
import { SESSION_ERRORS } from './errors/sessions.ts';
import { SET_UP_ERRORS } from './errors/set-up.ts';
import { SHARING_ERRORS } from './errors/sharing.ts';
import { SIGNATURE_ERRORS } from './errors/signatures.ts';
import { STREAM_ERRORS } from './errors/stream.ts';

export const ERRORS = {
  ...SET_UP_ERRORS,
  ...GIT_ERRORS,
  ...SIGNATURE_ERRORS,
  ...RENDER_ERRORS,
  ...APPLY_ERRORS,
  ...SESSION_ERRORS,
  ...POLICY_ERRORS,
  ...GATEWAY_ERRORS,
  ...STREAM_ERRORS,
  ...RECORDER_ERRORS,
  ...RECORDING_ERRORS,
  ...SHARING_ERRORS,
  ...FILE_ERRORS,
  ...CONSOLE_ERRORS,
  ...AUDIT_ERRORS,
  ...ACCESS_ERRORS,
  ...FACTOR_ERRORS,
  ...HEALTH_ERRORS,
  ...CHANGE_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** The same by subject, for the page. */
export const ERROR_SECTIONS = [
  { title: 'Set-up and the local installation', errors: SET_UP_ERRORS },
  { title: 'Git', errors: GIT_ERRORS },
  { title: 'Signatures', errors: SIGNATURE_ERRORS },
  { title: 'Render and validate', errors: RENDER_ERRORS },
  { title: 'Plan, apply, observe, prune', errors: APPLY_ERRORS },
  { title: 'Teams and sessions', errors: SESSION_ERRORS },
  { title: 'Policies', errors: POLICY_ERRORS },
  { title: 'Gateway', errors: GATEWAY_ERRORS },
  { title: 'Stream', errors: STREAM_ERRORS },
  { title: 'Recordings', errors: RECORDER_ERRORS },
  { title: 'Index of recordings', errors: RECORDING_ERRORS },
  { title: 'Sharing', errors: SHARING_ERRORS },
  { title: 'Files', errors: FILE_ERRORS },
  { title: 'Console', errors: CONSOLE_ERRORS },
  { title: 'Audit log', errors: AUDIT_ERRORS },
  { title: 'Roles and bindings', errors: ACCESS_ERRORS },
  { title: 'Second factors', errors: FACTOR_ERRORS },
  { title: 'Health', errors: HEALTH_ERRORS },
  { title: 'Change requests', errors: CHANGE_ERRORS },
] as const;

/** Where in a source a mistake is. Lines and columns count from 1; `document` counts the documents of a YAML file from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly document?: number;
}

export interface ErrorDetails {
  /** Values for logs and programs; never a secret, never what a user typed. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly position?: SourcePosition;
  /** For the retry class `after`. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The only error that our code throws on purpose: a stable code, words that name the place, and what caused it. */
export class StreamSpaceError extends Error {
  override readonly name = 'StreamSpaceError';
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly position: SourcePosition | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.facts = details.facts ?? {};
    this.position = details.position;
    this.retryAfterMs = details.retryAfterMs;
  }

  get entry(): ErrorEntry {
    return ERRORS[this.code];
  }
}

/** `templates/a.yaml:3`, or the file alone where the line is not known. */
export function formatPosition(position: SourcePosition): string {
  return position.line === undefined ? position.file : `${position.file}:${position.line}`;
}
