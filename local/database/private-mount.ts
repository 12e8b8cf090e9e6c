// PostgreSQL runs as `postgres`, and its data lies below a state folder that only root may pass (`/root`, as a rule). So its
// processes see the folder at another place, in a mount namespace of their own that goes when they go.
import type { SystemAccount } from './account.ts';

/** Comes with the distribution's package and is passable for `postgres`; covered for our processes only. */
const SEEN_AT = '/var/lib/postgresql';

type Command = readonly [program: string, ...args: string[]];

/** The folder as the processes of {@link privately} see it. */
export function seenAt(account: SystemAccount | undefined, folder: string): string {
  return account === undefined ? folder : SEEN_AT;
}

/** The command that runs `command` as `account` with `folder` at {@link seenAt}. Without an account, `command` itself. */
export function privately(account: SystemAccount | undefined, folder: string, command: Command): Command {
  if (account === undefined) return command;
  // `exec` all the way: the process that is started is the one that gets the signals.
  const script = 'mount --bind "$0" "$1" && cd "$1" && shift && exec "$@"';
  const become = ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--no-new-privs', '--'];
  return ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-c', script, folder, SEEN_AT, ...become, ...command];
}
