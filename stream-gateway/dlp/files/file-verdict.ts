// Whether a file may pass: each rule by itself, so that each refusal has its own code and names its policy. Pure.
import type { ErrorCode } from '../../../schemas/errors.ts';
import { MAX_FILE_BYTES, type MergedFileRules } from '../../../schemas/kinds/policies/file-rules.ts';
import { coversType } from '../../../schemas/media-types.ts';
import { isFalseType } from './content-type.ts';

export type FileDirection = 'up' | 'down';
export type FileRule = 'up' | 'down' | 'maxBytes' | 'perMinute' | 'allowTypes' | 'denyTypes' | 'scan' | 'type';

export interface FileRefusal {
  readonly rule: FileRule;
  readonly code: ErrorCode;
  /** Says which and how much; no name of a file. */
  readonly message: string;
  /** `namespace/name`; undefined where it is that of the field (`files.maxBytes`), or no policy's. */
  readonly policy?: string;
}

/** The most that one transfer may have, in bytes. */
export function maxBytesOf({ maxBytes }: MergedFileRules): number {
  return Math.min(maxBytes ?? MAX_FILE_BYTES, MAX_FILE_BYTES);
}

export function refusesDirection(rules: MergedFileRules, direction: FileDirection): FileRefusal | undefined {
  if (rules[direction]) return undefined;
  return direction === 'up'
    ? { rule: 'up', code: 'FileUploadOff', message: 'uploads into this session are off' }
    : { rule: 'down', code: 'FileDownloadOff', message: 'downloads from this session are off' };
}

export function refusesSize(rules: MergedFileRules, bytes: number): FileRefusal | undefined {
  const allowed = maxBytesOf(rules);
  if (bytes <= allowed) return undefined;
  const message = `${bytes.toLocaleString('en')} bytes are more than the ${allowed.toLocaleString('en')} that are allowed`;
  return { rule: 'maxBytes', code: 'FileSizeDenied', message };
}

/** @param found the type by content */
export function refusesType(rules: MergedFileRules, found: string): FileRefusal | undefined {
  const denied = rules.denyTypes.find(({ type }) => coversType(type, found));
  if (denied !== undefined)
    return { rule: 'denyTypes', code: 'FileTypeDenied', message: `${found} is denied`, policy: denied.policy };
  if (rules.allowTypes === undefined || rules.allowTypes.some((type) => coversType(type, found))) return undefined;
  return { rule: 'allowTypes', code: 'FileTypeDenied', message: `${found} is not among the allowed types` };
}

/** @param recognised whether a type has a signature by which it would have been found */
export function refusesClaim(declared: string, found: string, recognised: (type: string) => boolean): FileRefusal | undefined {
  if (!isFalseType(declared, found, recognised)) return undefined;
  return { rule: 'type', code: 'FileTypeFalse', message: `the content is ${found} and not what it was declared to be` };
}
