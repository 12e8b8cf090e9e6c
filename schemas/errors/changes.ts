// Codes of: change requests.
import type { ErrorEntry } from './entry.ts';

export const CHANGE_ERRORS = {
  ChangesNotConfigured: {
    category: 'conflict',
    retry: 'never',
    remedy:
      'Give the GitSync `spec.changes` with a `secretRef` whose credentials may push, and a branch in `spec.ref`; with `spec.verify` a `signingKeyRef` too (docs/guides/changes.md); or edit the file in Git by hand.',
  },
  ChangeTargetMissing: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Name a GitSync that there is, in the namespace of the change request or in `streamspace`.',
  },
  ChangeOutOfScope: {
    category: 'forbidden',
    retry: 'never',
    remedy:
      'Ask in the namespace that the object belongs to: of a team only its own Team, templates, quotas, policies, bindings of roles for the team alone, and files that they come from; everything else in `streamspace`. A rollback names paths of its GitSync alone.',
  },
  ChangeObjectNotInGit: {
    category: 'notFound',
    retry: 'never',
    remedy: 'Look at the name and kind of the object, and at which GitSync it comes from; a new object is made with `Create`.',
  },
  ChangeObjectExists: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Patch the object that is there, or give the new one another name or file.',
  },
  ChangeNotPlain: {
    category: 'conflict',
    retry: 'never',
    remedy:
      'Edit the file that the message names by hand, in Git: the object is made by a program or an overlay. An app can read values from a file that change requests edit (docs/rendering.md).',
  },
  ChangeThroughAlias: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Edit the file by hand, or write the value out: an anchor or alias of YAML shares it with other places.',
  },
  ChangeNotEditable: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Edit the file that the message names by hand: it is written in a way that cannot be changed without touching more.',
  },
  ChangePathInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Name a field that the object can have there; lists take `[key=value]` or `[]`.',
  },
  ChangeConflict: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Look at what is in Git now, withdraw the change request and ask again.',
  },
  ChangeEmpty: { category: 'conflict', retry: 'never', remedy: 'Nothing is to be done: it is in Git as it was asked for.' },
  ChangeClosed: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Make a new change request: this one has ended, or is merged already.',
  },
  ChangeOutdated: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Look at the change again: its commit is another one than the one you have seen.',
  },
  ChangeOwn: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask somebody else who has the right `approve`: nobody approves what he has asked for himself.',
  },
  ChangeApproverUnknown: {
    category: 'forbidden',
    retry: 'never',
    remedy:
      'Approve as yourself: behind a machine of a team, or the break-glass account, may be whoever asked. Both may ask for changes and reject them.',
  },
  ChangeExpired: { category: 'conflict', retry: 'never', remedy: 'Ask again: nobody merged it in time.' },
  SigningKeyInvalid: {
    category: 'conflict',
    retry: 'backoff',
    remedy:
      'Correct the Secret that `spec.changes.signingKeyRef` names: `ssh-privatekey` has to be an Ed25519 or RSA key that `spec.verify`, if there is one, trusts. Until then nothing is committed.',
  },
  ChangeUntilPast: { category: 'invalid', retry: 'never', remedy: 'Give a time that is still to come, or leave `until` out.' },
  ForgeAuthFailed: {
    category: 'unauthenticated',
    retry: 'backoff',
    remedy:
      'Correct the Secret that `spec.changes.secretRef` names: it needs a token that may write pull requests, comments and commit statuses.',
  },
  ForgeUnreachable: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Check that the forge answers, and `spec.changes.forge.apiUrl`; it is tried again.',
  },
  ForgeRateLimited: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Nothing: the forge lets no more in for now, and says when it does again.',
  },
  ForgeRefused: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Look at what the forge says: a protected branch, a missing right, or settings of the repository.',
  },
  PullRequestClosed: {
    category: 'conflict',
    retry: 'never',
    remedy: 'Ask again: somebody has closed its pull request without merging it.',
  },
  GitPushRefused: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Look at what the Git server says: a protected branch, a hook, or credentials that may read and not push.',
  },
  GitPushRaced: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Nothing: the branch has moved meanwhile, and the change is made anew on what it is now.',
  },
} as const satisfies Record<string, ErrorEntry>;
