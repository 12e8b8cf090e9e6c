// Where an object stands in Git: file, line, GitSync, commit. What does not come from Git says so.
import { Link } from '@tanstack/react-router';
import type { AccessOrigin } from '../../api/access/teams-api.ts';
import { useMe } from '../../api/queries.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';

const words = text.teams.origin;

export function Origin({ origin }: { readonly origin: AccessOrigin | null }) {
  const me = useMe();
  if (origin === null) return <span className="ss-note">{words.none}</span>;
  const { file, line, gitSync, revision } = origin;
  const [namespace = '', name = ''] = gitSync.split('/');
  return (
    <span className="ss-origin">
      {file === null ? null : <code>{words.file(file, line)}</code>}
      <span className="ss-cell-sub">
        {words.of}{' '}
        {me.may.gitSyncs ? (
          <Link className="ss-origin-link" to="/sources/$namespace/$name" params={{ namespace, name }}>
            {gitSync}
          </Link>
        ) : (
          gitSync
        )}
        {revision === null ? null : `, ${words.commit(shortRevision(revision))}`}
      </span>
    </span>
  );
}
