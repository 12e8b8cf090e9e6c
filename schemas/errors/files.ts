// Codes of: files.
import type { ErrorEntry } from './entry.ts';

export const FILE_ERRORS = {
  FileUploadOff: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask whoever owns the policy that the message names; `files.up` is off for this session.',
  },
  FileDownloadOff: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask whoever owns the policy that the message names; `files.down` is off for this session.',
  },
  FileSizeDenied: { category: 'limit', retry: 'never', remedy: 'Transfer a smaller file, or cut it into parts.' },
  FileRateReached: { category: 'limit', retry: 'after', remedy: 'Wait for the named time; so many files a minute are allowed.' },
  FileTypeDenied: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Transfer a file of another type; what counts is the content and not the name.',
  },
  FileTypeFalse: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Name the type that the file really has, or none; its content is of another type.',
  },
  FileInfected: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Do not open the file; the virus scanner knows it under the name that the message gives.',
  },
  FileScanUnavailable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Try again in a moment; nothing passes while the virus scanner is away. See the setting `clamd` of the gateway.',
  },
  FileScanLimit: {
    category: 'limit',
    retry: 'never',
    remedy: 'Transfer a smaller file, or let an admin raise StreamMaxLength of the virus scanner.',
  },
  FilePathInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Write a path in the home of the session, such as Documents/report.pdf; a name has at most 255 bytes.',
  },
  FilePathOutside: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Choose another folder; a symbolic link on the way leads out of the home.',
  },
  FileNotFound: { category: 'notFound', retry: 'never', remedy: 'Check the path; it is case-sensitive.' },
  FileExists: { category: 'conflict', retry: 'never', remedy: 'Choose another name, or repeat with overwrite=true.' },
  FileKindWrong: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Choose a plain file or a folder; links, sockets and devices are not transferred.',
  },
  HomeFull: { category: 'limit', retry: 'never', remedy: 'Delete something in the home of the session, then try again.' },
  FileTransferFailed: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Try again; if it stays, look whether the desktop can write to its home.',
  },
  DesktopToolsMissing: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Use an image with sh, GNU coreutils, findutils and tar, as Debian has them.',
  },
  UploadNotFound: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Begin the upload again; it ended or was left alone too long.',
  },
  UploadOffsetWrong: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Ask with HEAD how far the upload has come, and go on from there.',
  },
  UploadIncomplete: { category: 'conflict', retry: 'never', remedy: 'Send the rest of the bytes first.' },
  FileSpoolFull: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Try again in a moment; too many files are on their way through the gateway.',
  },
} as const satisfies Record<string, ErrorEntry>;
