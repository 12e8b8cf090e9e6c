// What is told of a sync, in the words that the controller stores, the API gives and the command prints.
import * as z from 'zod';

export const SYNC_TRIGGERS = {
  push: 'A push hook named the repository, and the ref had moved.',
  poll: 'The repository was asked, and the ref had moved.',
  request: 'Somebody asked for it.',
  confirm: 'Somebody confirmed the deletions of this revision.',
  resume: 'It was suspended and goes on.',
  window: 'A sync window opened.',
  spec: 'The GitSync is new or was changed.',
  dependency: 'What it waited for is there.',
  drift: 'The cluster was no longer as Git says.',
  retry: 'The attempt before had failed.',
} as const satisfies Record<string, string>;
export type SyncTrigger = keyof typeof SYNC_TRIGGERS;

export const SYNC_RESULTS = {
  synced: 'Everything is as the revision says.',
  failed: 'It ended with an error code.',
  superseded: 'A newer revision or wish ended it.',
  stopped: 'The controller stopped or lost its Lease.',
} as const satisfies Record<string, string>;
export type SyncResult = keyof typeof SYNC_RESULTS;

const keysOf = <T extends string>(table: Readonly<Record<T, string>>): [T, ...T[]] => Object.keys(table) as [T, ...T[]];
export const syncTrigger = z.enum(keysOf(SYNC_TRIGGERS));
export const syncResult = z.enum(keysOf(SYNC_RESULTS));

const position = {
  file: z.string().optional(),
  line: z.int().optional(),
};

/** Values as JSON text, cut; those of Secrets are hidden. */
export const syncFieldChange = z.object({
  path: z.string(),
  before: z.string().optional().describe('Left out: it was not there.'),
  after: z.string().optional().describe('Left out: it is gone.'),
});
export const syncChange = z.object({
  action: z.enum(['create', 'configure', 'replace', 'delete', 'skip', 'blocked']),
  object: z.string().describe('`group/kind/namespace/name`'),
  ...position,
  reason: z.string().optional(),
  fields: z.array(syncFieldChange).optional(),
  fieldsLeftOut: z.int().optional().describe('How many more fields were changed. Left out: none.'),
});
export type SyncChange = z.infer<typeof syncChange>;

export const syncProblem = z.object({ code: z.string(), message: z.string(), object: z.string().optional(), ...position });
export type SyncProblem = z.infer<typeof syncProblem>;

export const OBJECT_HEALTH = ['Healthy', 'Progressing', 'Degraded', 'Missing', 'Unknown'] as const;
/** Of one object; `Missing` is not there, `Unknown` was not looked at. */
export type ObjectHealth = (typeof OBJECT_HEALTH)[number];
