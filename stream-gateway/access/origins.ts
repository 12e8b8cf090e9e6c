// Where in Git an object stands, as the controller has written it down with its syncs.
import type { Queryable } from '../../runtime/db/database.ts';
import type { AccessOrigin } from '../../schemas/api/access.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { ObjectMeta } from '../../schemas/kinds/kind.ts';
import { ANNOTATIONS, API_GROUP } from '../../schemas/names.ts';
import { findObject } from '../store/syncs.ts';
import { objectOf } from '../syncs/present.ts';

export interface OfGit {
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** `Kind/namespace/name`, or `Kind/name`. */
export function nameOfObject({ kind, metadata: { namespace, name } }: OfGit): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** Nothing for an object that does not come from Git. */
export async function originOf(db: Queryable, object: OfGit, syncs: readonly GitSync[]): Promise<readonly AccessOrigin[]> {
  const gitSync = object.metadata.annotations?.[ANNOTATIONS.gitSync];
  const sync = syncs.find(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}` === gitSync);
  if (gitSync === undefined || sync === undefined) return [];
  const { namespace = '', name } = object.metadata;
  const row = await findObject(db, sync.metadata.uid ?? '', objectOf({ group: API_GROUP, kind: object.kind, namespace, name }));
  const revision = row?.commit_revision ?? row?.revision ?? null;
  return [
    { object: nameOfObject(object), gitSync, url: sync.spec.url, file: row?.file ?? null, line: row?.line ?? null, revision },
  ];
}
