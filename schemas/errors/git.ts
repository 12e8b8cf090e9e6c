// Codes of: git.
import type { ErrorEntry } from './entry.ts';

export const GIT_ERRORS = {
  GitUrlInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Give an http, https or ssh URL without a password in it, and the one that a redirect names.',
  },
  GitUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the Git server answers; the last good revision stays applied.',
  },
  GitAuthFailed: { category: 'unauthenticated', retry: 'backoff', remedy: 'Correct the Secret that spec.credentialsRef names.' },
  GitHostKeyRefused: {
    category: 'unauthenticated',
    retry: 'backoff',
    remedy: 'Put the line of the server, as ssh-keyscan prints it and its owner confirms it, into known_hosts of the Secret.',
  },
  GitTlsFailed: {
    category: 'unauthenticated',
    retry: 'backoff',
    remedy: 'Put the authority of the server into ca.crt of the Secret, and what it asks for into tls.crt and tls.key.',
  },
  GitProtocolInvalid: {
    category: 'invalid',
    retry: 'backoff',
    remedy: 'Check that spec.url is the URL to clone, not that of a page.',
  },
  GitFetchRunning: { category: 'unavailable', retry: 'after', remedy: 'Wait: the repository is large, and is being fetched.' },
  GitHistoryRewritten: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Push a commit that descends from the applied one, or set spec.historyRewrites to Follow until it is applied.',
  },
  GitTagMoved: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Move the tag back, follow another one, or set spec.movedTags to Follow until it is applied.',
  },
  GitRefInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct spec.ref: a name that Git allows, or a range such as ^1.2.',
  },
  GitRefNotFound: { category: 'notFound', retry: 'backoff', remedy: 'Create the branch or tag, or correct spec.ref.' },
  GitPathNotFound: { category: 'notFound', retry: 'backoff', remedy: 'Create the path in the repository, or correct spec.path.' },
  GitShaInvalid: { category: 'invalid', retry: 'never', remedy: 'Give a full commit id of 40 hexadecimal digits.' },
  GitObjectFormat: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Use a repository with SHA-1 object names; SHA-256 is not supported.',
  },
  GitSymlink: { category: 'invalid', retry: 'never', remedy: 'Replace the symbolic link by the file itself.' },
  GitSubmodule: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Move the files into the repository; submodules are not supported.',
  },
  GitLfsPointer: { category: 'invalid', retry: 'never', remedy: 'Store the file itself in Git; Git LFS is not supported.' },
  GitSnapshotTooLarge: { category: 'limit', retry: 'never', remedy: 'Sync a smaller path, or split the repository.' },
  GitReadIncomplete: { category: 'unavailable', retry: 'backoff', remedy: 'The clone is repaired by itself at the next try.' },
} as const satisfies Record<string, ErrorEntry>;
