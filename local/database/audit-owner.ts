// Who owns the audit log: a role that nobody signs in as, so the service cannot give itself more than it has (ADR 0034). Only the
// superuser can hand tables over; this function does it for him, for these tables and nothing else, when the migration calls it.

const FUNCTION = `
create function public.streamspace_own_audit() returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $own$
declare
  found record;
begin
  for found in select c.oid::regclass as name, c.relispartition as part, c.relkind as kind from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S') and c.relname like 'audit\\_%'
                  and pg_get_userbyid(c.relowner) = session_user loop
    execute format('alter table %s owner to streamspace_audit', found.name);
    execute format('revoke all on table %s from public, %I', found.name, session_user);
    if found.kind <> 'S' and not found.part then
      execute format('grant select on table %s to %I', found.name, session_user);
    end if;
  end loop;
  for found in select p.oid::regprocedure as name, p.prosecdef as definer from pg_proc p
                where p.pronamespace = 'public'::regnamespace and p.proname like 'audit\\_%'
                  and pg_get_userbyid(p.proowner) = session_user loop
    execute format('alter function %s owner to streamspace_audit', found.name);
    if found.definer then
      execute format('grant execute on function %s to %I', found.name, session_user);
    end if;
  end loop;
  alter schema public owner to streamspace_audit;
  execute format('grant usage, create on schema public to %I', session_user);
end
$own$`;

/** For the superuser in template1. A line each, as a server without a client reads them; SERVICE_ROLE is the role of the service. */
export const AUDIT_OWNER_STATEMENTS: readonly string[] = [
  'create role streamspace_audit nologin',
  FUNCTION.replaceAll(/\s+/g, ' ').trim(),
  'revoke all on function public.streamspace_own_audit() from public',
  'grant execute on function public.streamspace_own_audit() to SERVICE_ROLE',
];
