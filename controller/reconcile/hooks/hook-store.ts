// The hooks that wait, in PostgreSQL: one job for each GitSync, however many hooks come for it, and what was delivered lately.
import type { Queryable } from '../../../runtime/db/database.ts';
import type { GitSyncKey } from './hook-inbox.ts';

/** Of graphile-worker alone. */
export const HOOK_SCHEMA = 'streamspace_hooks';
export const HOOK_TASK = 'hook';

export interface HookJob extends GitSyncKey {
  /** Says to which shard it belongs. */
  readonly flag: string;
  /** Of the first hook: those that follow are the same job. */
  readonly delayMs: number;
}

/**
 * All or none, in one statement: a delivery that is noted has its jobs.
 * @param delivery of the first hook's GitSync, as the forge names it
 */
export async function storeHooks(
  db: Queryable,
  hooks: readonly HookJob[],
  { delivery, tries }: { readonly delivery: string | undefined; readonly tries: number },
): Promise<'noted' | 'repeated'> {
  const [first] = hooks;
  // Always in the same order, or two of them could wait for each other.
  const ordered = hooks.map((hook) => ({ ...hook, key: nameOf(hook) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const [row] = await db.query<{ readonly noted: boolean }>(
    `with fresh as (
       insert into hook_deliveries (git_sync, delivery) select $2, $3 where $3::text is not null
       on conflict do nothing returning 1
     ), added as (
       select ${HOOK_SCHEMA}.add_job('${HOOK_TASK}', json_build_object('namespace', hook.namespace, 'name', hook.name),
                run_at => now() + hook."delayMs" * interval '1 millisecond', max_attempts => $4::smallint, job_key => hook.key,
                flags => array[hook.flag], job_key_mode => 'preserve_run_at')
         from jsonb_to_recordset($1) as hook (key text, namespace text, name text, flag text, "delayMs" integer)
        where $3::text is null or exists (select from fresh)
     )
     select $3::text is null or exists (select from fresh) as noted, count(*) from added`,
    [JSON.stringify(ordered), first === undefined ? '' : nameOf(first), delivery ?? null, tries],
  );
  return row?.noted === false ? 'repeated' : 'noted';
}

/** Tells whoever works on the queue that the time of a job has come; without it they find out when they next look. */
export async function wakeWorkers(db: Queryable): Promise<void> {
  await db.query(`select pg_notify('jobs:insert', '')`);
}

/** What was given up is kept for a week, for whoever asks. */
export async function tidyHooks(db: Queryable): Promise<void> {
  await db.query(`delete from hook_deliveries where at < now() - interval '1 day'`);
  await db.query(
    `select ${HOOK_SCHEMA}.complete_jobs(array(
       select id from ${HOOK_SCHEMA}.jobs where attempts >= max_attempts and updated_at < now() - interval '7 days'))`,
  );
}

function nameOf({ namespace, name }: GitSyncKey): string {
  return `${namespace}/${name}`;
}
