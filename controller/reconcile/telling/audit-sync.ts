// What the audit log says of one attempt of a sync: how it ended, each object of a kind of ours that it wrote, each that it deleted.
// The actor is the author of the commit as Git names him; who may push, and which signatures are good, is the repository's word.
import type { AuditEvent } from '../../../schemas/events.ts';
import { API_GROUP } from '../../../schemas/names.ts';
import type { Action } from '../../plan/plan.ts';
import { type ObjectId, partsOf } from '../../render/manifest.ts';
import type { SyncRecord } from './sync-record.ts';

/** A commit that changes more is told by its first ones, and by the numbers of the sync. */
const MAX_OBJECTS = 500;
const MAX_FIELDS = 20;

interface PlannedChange {
  readonly id: ObjectId;
  readonly action: Action;
  readonly differences?: readonly { readonly path: string }[];
}

export interface SyncOutcome {
  readonly record: SyncRecord;
  /** As much of a Plan as is looked at. */
  readonly plan: { readonly changes: readonly PlannedChange[] } | undefined;
  readonly written: ReadonlySet<ObjectId>;
  readonly gone: ReadonlySet<ObjectId>;
}

/** The objects first, in the order of the plan, the sync last. Pure. */
export function auditOfSync({ record, plan, written, gone }: SyncOutcome): readonly AuditEvent[] {
  const onBehalfOf = `GitSync/${record.namespace}/${record.name}`;
  const actor = record.commit?.author ?? null;
  const commit = record.revision === undefined ? {} : { commit: record.revision };
  const changes = plan?.changes ?? [];
  const objects = changes.flatMap(({ id, action, differences = [] }): readonly AuditEvent[] => {
    const { group, kind } = partsOf(id);
    const isPruned = gone.has(id);
    if (!isPruned && !(written.has(id) && group === API_GROUP)) return [];
    const fields = differences.map(({ path }) => path).slice(0, MAX_FIELDS);
    const facts = { onBehalfOf, ...commit, ...(fields.length === 0 ? {} : { fields: fields.join(' ').slice(0, 2_000) }) };
    return [
      {
        type: isPruned ? 'object.pruned' : 'object.applied',
        actor,
        result: 'success',
        object: auditObject(id),
        details: isPruned ? { onBehalfOf, ...commit, ...(group === '' ? {} : { group }) } : { action, ...facts, kind },
      },
    ];
  });
  const { asked } = record;
  const details = {
    ...commit,
    ...(record.previousRevision === undefined ? {} : { previousCommit: record.previousRevision }),
    ...(record.commit === undefined ? {} : { author: record.commit.author }),
    trigger: record.trigger,
    ...(asked === undefined ? {} : { askedBy: asked.by, askedVerified: asked.verified }),
    written: record.written,
    deleted: record.deleted,
    ...(objects.length > MAX_OBJECTS ? { objectsLeftOut: objects.length - MAX_OBJECTS } : {}),
    ...(record.code === undefined ? {} : { code: record.code }),
    ended: record.result,
  };
  const result = record.result === 'synced' ? 'success' : 'failure';
  const type = record.result === 'synced' ? 'gitsync.synced' : 'gitsync.failed';
  return [...objects.slice(0, MAX_OBJECTS), { type, actor, result, object: onBehalfOf, details }];
}

/** `kind/namespace/name`, as elsewhere in the log. */
function auditObject(id: ObjectId): string {
  const { kind, namespace, name } = partsOf(id);
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
