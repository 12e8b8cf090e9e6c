// What /api/v1 tells of the syncs of a GitSync: its history, its objects, and how each differs from Git.
import * as z from 'zod';
import { OBJECT_HEALTH, syncChange, syncProblem, syncResult, syncTrigger } from '../sync-history.ts';

const time = z.string().meta({ format: 'date-time' });
const revision = z.string().describe('A commit id.');
const objectId = z.string().describe('`group/kind/namespace/name`; group and namespace may be empty.');

/** A commit as people know it. */
const commit = z.object({ revision, author: z.string(), message: z.string().describe('First line.'), time: time.nullable() });

export const syncView = z.object({
  id: z.string(),
  uid: z.string().describe('Of the GitSync: one that was made anew under the same name has another.'),
  revision: revision.nullable().describe('null: the ref could not be resolved.'),
  previousRevision: revision.nullable().describe('What was applied before.'),
  author: z.string().nullable(),
  message: z.string().nullable().describe('First line of the commit.'),
  trigger: syncTrigger,
  requestedBy: z.string().nullable().describe('The person who asked, or the field manager of whoever did it by other means.'),
  requestedByVerified: z.boolean().describe('The API server has checked that it was that person.'),
  startedAt: time,
  finishedAt: time,
  result: syncResult,
  code: z.string().nullable().describe('Of a failure; docs/reference/errors.md.'),
  reason: z.string().nullable().describe('The words of the failure.'),
  attempts: z.int().describe('How often the same failure came in a row.'),
  counts: z.record(z.string(), z.int()).describe('Of the plan, by action.'),
  written: z.int(),
  deleted: z.int(),
  changes: z.array(syncChange).describe('At most 200; values of Secrets are hidden.'),
  changesLeftOut: z.int(),
  problems: z.array(syncProblem),
  controller: z.string().describe('The process that did it.'),
});
export type SyncView = z.infer<typeof syncView>;
/** Newest first; `metadata.continue` is the cursor of the next page, missing on the last. */
export const syncList = z.object({ metadata: z.object({ continue: z.string().optional() }), items: z.array(syncView) });

export interface ChildView {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly health: (typeof OBJECT_HEALTH)[number];
  readonly message: string;
  readonly children: readonly ChildView[];
}
export const childView: z.ZodType<ChildView> = z.object({
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  health: z.enum(OBJECT_HEALTH),
  message: z.string(),
  get children(): z.ZodType<readonly ChildView[]> {
    return z.array(childView);
  },
});

const syncedObject = z.object({
  object: objectId,
  group: z.string(),
  kind: z.string(),
  namespace: z.string().describe('Empty for a cluster-wide object.'),
  name: z.string(),
  unit: z.string().nullable().describe('The rendered path it comes from; null where the GitSync has no units.'),
  file: z.string().nullable(),
  line: z.int().nullable(),
  document: z.int().nullable().describe('Of a YAML file with several, from 1.'),
  revision: revision.nullable().describe('The sync of this revision last changed what Git wants of it.'),
  changedAt: time,
  commit: commit.nullable().describe('The commit that last changed the file; null: not known, or further back than was looked.'),
  health: z.enum(OBJECT_HEALTH),
  message: z.string().describe('Why it is not healthy.'),
});

export const treeNode = syncedObject.extend({
  children: z.array(childView).describe('What its controller made of it, as far as the reader may list that.'),
});
export type TreeNode = z.infer<typeof treeNode>;
export const syncTree = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  revision: revision.nullable().describe('What is applied.'),
  childrenLeftOut: z.boolean().describe('There are more children than were read, or some may not be listed.'),
  items: z.array(treeNode),
});
export type SyncTree = z.infer<typeof syncTree>;

export const objectExplanation = syncedObject.extend({
  gitSync: z.string().describe('`namespace/name`'),
  url: z.string().describe('The repository.'),
  applied: revision.nullable().describe('The revision that the GitSync is at.'),
  managers: z
    .array(z.object({ manager: z.string(), operation: z.string(), subresource: z.string().nullable(), time: time.nullable() }))
    .nullable()
    .describe('Who owns fields of the live object; null where the reader may not read it or it is not there.'),
});
export type ObjectExplanation = z.infer<typeof objectExplanation>;

export const objectDiff = z.object({
  object: objectId,
  state: z.enum(['same', 'different', 'missing', 'unknown']).describe('`unknown`: what Git wants is too large to keep.'),
  differences: z
    .array(
      z.object({
        path: z.string(),
        wanted: z.unknown().optional().describe('Left out: Git does not want it.'),
        live: z.unknown().optional().describe('Left out: it is not there.'),
      }),
    )
    .describe('At most 200.'),
  wanted: z.unknown().describe('The fields that stand in Git, as the API server writes them; values of Secrets are hidden.'),
  live: z.unknown().describe('The same fields of the live object.'),
});
export type ObjectDiff = z.infer<typeof objectDiff>;

export const confirmation = z.object({
  revision: z.string().regex(/^[0-9a-f]{40}$/, 'write a full commit id of 40 hexadecimal digits'),
});
