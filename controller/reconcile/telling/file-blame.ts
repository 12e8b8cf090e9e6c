// The commit that last changed each file of a GitSync: found beside the sync, in small pieces, and kept until the file changes.
import type { Queryable } from '../../../runtime/db/database.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { FileChange } from '../../git/clone/blame.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { GitSource, Repository } from '../../git/source.ts';

export type Blame = FileChange;

export interface BlameWish {
  readonly uid: string;
  find(db: Queryable, signal: AbortSignal): Promise<readonly Blame[]>;
}

/** Between two pieces others may use the clone. */
const PAUSE_MS = 20;
/** For a first sync of thousands of files; the next revision goes on where this one ended. */
const MAX_PIECES = 50;

export function blameWish(
  git: Pick<GitSource, 'lastChanges'>,
  wish: { readonly uid: string; readonly repository: Repository; readonly sha: CommitSha; readonly files: ReadonlySet<string> },
): BlameWish {
  const { uid, repository, sha, files } = wish;
  return {
    uid,
    async find(db, signal) {
      const known = await knownBlobs(db, uid);
      const open = new Map([...files].map((file) => [file, known.get(file)]));
      const found: Blame[] = [];
      for (let piece = 0; piece < MAX_PIECES && open.size > 0; piece += 1) {
        if (piece > 0) await delay(PAUSE_MS, signal);
        const changes = await git.lastChanges(repository, sha, open);
        if (changes.length === 0) break; // nothing is left that changed, or one file takes more than a piece
        found.push(...changes);
        for (const { file, blob } of changes) open.set(file, blob);
      }
      return found;
    },
  };
}

async function knownBlobs(db: Queryable, uid: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ readonly file: string; readonly blob: string }>(
    'select file, blob from sync_files where gitsync_uid = $1',
    [uid],
  );
  return new Map(rows.map(({ file, blob }) => [file, blob]));
}

export async function saveBlame(db: Queryable, uid: string, found: readonly Blame[]): Promise<void> {
  const rows = found.map(({ file, blob, changed }) => ({ file, blob, revision: changed?.revision, ...changed?.facts }));
  if (rows.length > 0)
    await db.query(
      `insert into sync_files (gitsync_uid, file, blob, revision, author, message, committed_at)
       select $1, f->>'file', f->>'blob', f->>'revision', f->>'author', f->>'message', (f->>'time')::timestamptz
         from jsonb_array_elements($2::jsonb) as list (f)
       on conflict (gitsync_uid, file) do update set blob = excluded.blob, revision = excluded.revision,
         author = excluded.author, message = excluded.message, committed_at = excluded.committed_at`,
      [uid, JSON.stringify(rows).replaceAll('\\u0000', '')],
    );
  await db.query(
    `delete from sync_files f where gitsync_uid = $1
        and not exists (select 1 from sync_objects o where o.gitsync_uid = f.gitsync_uid and o.file = f.file)`,
    [uid],
  );
}
