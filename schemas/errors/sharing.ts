// Codes of: sharing.
import type { ErrorEntry } from './entry.ts';

export const SHARING_ERRORS = {
  SharingNotAllowed: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Share with fewer: the policy of the session, shown on its page, says how far it may be shared.',
  },
  ShareAdminsOnly: { category: 'forbidden', retry: 'never', remedy: 'Ask an admin of the team to share the session.' },
  ShareModeNotAllowed: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Share in another way: the policy of the session says which ones it allows.',
  },
  ShareTooLong: { category: 'limit', retry: 'never', remedy: 'Choose an earlier end; the message names the latest one.' },
  ShareFull: { category: 'limit', retry: 'backoff', remedy: 'Wait until somebody leaves, or ask for more room in the policy.' },
  ShareGuestsNotAllowed: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Sign in and open the link again: the policy of the session lets nobody in without an account.',
  },
  ShareGuestName: { category: 'invalid', retry: 'never', remedy: 'Give the name that the others are to see.' },
  ShareWaiting: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Wait: somebody in the session has to let you in.',
  },
  ShareDenied: { category: 'forbidden', retry: 'never', remedy: 'Ask whoever gave you the link to let you in.' },
  ShareLinkInvalid: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Check that the whole link was copied, or ask for a new one.',
  },
  ShareNotForYou: { category: 'forbidden', retry: 'never', remedy: 'Ask the owner of the session to share it with you.' },
  ShareExpired: { category: 'forbidden', retry: 'never', remedy: 'Ask for a new share; this one is over.' },
  ShareRevoked: { category: 'forbidden', retry: 'never', remedy: 'Ask whoever shared the session.' },
  ShareUsedUp: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask for a new link; this one was opened as often as it may be.',
  },
  ShareKicked: { category: 'forbidden', retry: 'never', remedy: 'Ask the owner of the session.' },
  ModeratorAway: {
    category: 'conflict',
    retry: 'backoff',
    remedy: 'Wait until the owner of the session is there.',
  },
  ControlNotAsked: { category: 'conflict', retry: 'never', remedy: 'Look again who is here; this person may have left.' },
} as const satisfies Record<string, ErrorEntry>;
