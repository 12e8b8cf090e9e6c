// Rows of the database as they leave the gateway. Pure.
import type { ObjectExplanation, SyncView, TreeNode } from '../../schemas/api/syncs.ts';
import type { ObjectRow, SyncRow } from '../store/syncs.ts';

export function presentSync(row: SyncRow): SyncView {
  return {
    id: row.id,
    uid: row.uid,
    revision: row.revision,
    previousRevision: row.previous_revision,
    author: row.author,
    message: row.message,
    trigger: row.trigger,
    requestedBy: row.requested_by,
    requestedByVerified: row.requested_by_verified,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at.toISOString(),
    result: row.result,
    code: row.code,
    reason: row.reason,
    attempts: row.attempts,
    counts: { ...row.counts },
    written: row.written,
    deleted: row.deleted,
    changes: [...row.changes],
    changesLeftOut: row.changes_left_out,
    problems: [...row.problems],
    controller: row.controller,
  };
}

export interface ObjectName {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** @param object `group/kind/namespace/name` */
export function nameOf(object: string): ObjectName {
  const [group = '', kind = '', namespace = '', ...name] = object.split('/');
  return { group, kind, namespace, name: name.join('/') };
}

export function objectOf({ group, kind, namespace, name }: ObjectName): string {
  return `${group}/${kind}/${namespace}/${name}`;
}

export function presentObject(row: ObjectRow): Omit<TreeNode, 'children'> {
  return {
    object: row.object,
    ...nameOf(row.object),
    unit: row.unit,
    file: row.file,
    line: row.line,
    document: row.document,
    revision: row.revision,
    changedAt: row.changed_at.toISOString(),
    commit:
      row.commit_revision === null
        ? null
        : {
            revision: row.commit_revision,
            author: row.commit_author ?? '',
            message: row.commit_message ?? '',
            time: row.commit_time?.toISOString() ?? null,
          },
    health: row.health,
    message: row.health_message,
  };
}

/** An entry of `metadata.managedFields`. */
export interface ManagedFieldJson {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
}

export function presentManagers(entries: readonly ManagedFieldJson[]): NonNullable<ObjectExplanation['managers']> {
  return entries.map(({ manager = '', operation = '', subresource, time }) => ({
    manager,
    operation,
    subresource: subresource ?? null,
    time: time ?? null,
  }));
}
