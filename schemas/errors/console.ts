// Codes of: consoles.
import type { ErrorEntry } from './entry.ts';

export const CONSOLE_ERRORS = {
  ConsoleOff: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Ask who writes the SessionPolicy: a console is open only where one sets console.allow to true and none to false.',
  },
  ConsoleUnrecorded: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Work in the desktop: a policy wants all of this session recorded, and the text of a console is not.',
  },
  ConsoleMalformed: { category: 'invalid', retry: 'never', remedy: 'Open the console with the page of this gateway.' },
  ConsoleInputFull: {
    category: 'limit',
    retry: 'backoff',
    remedy: 'Open it again, and send less at a time: the program in the console does not read what comes.',
  },
  ConsoleIdle: { category: 'limit', retry: 'backoff', remedy: 'Open it again; a policy says how long nobody may type.' },
  ConsoleLimitReached: { category: 'limit', retry: 'backoff', remedy: 'Close another console of this session.' },
  ContainerNotFound: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Wait until the session runs; its container is not there, or not any more.',
  },
  ContainerStopped: {
    category: 'unavailable',
    retry: 'backoff',
    remedy: 'Open it again when the session runs; its container has stopped or was started anew.',
  },
} as const satisfies Record<string, ErrorEntry>;
