-- Gives the audit log an owner that nobody signs in as (ADR 0034). For the superuser, in the database of StreamSpace, before its first
-- start; `streamspace` is the role of `database-url`. Where that has happened already: run it, then
-- `select streamspace_own_audit()` as that role.

create role streamspace_audit nologin;

create function public.streamspace_own_audit() returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $own$
declare
  found record;
begin
  for found in select c.oid::regclass as name, c.relispartition as part, c.relkind as kind from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S') and c.relname like 'audit\_%'
                  and pg_get_userbyid(c.relowner) = session_user loop
    execute format('alter table %s owner to streamspace_audit', found.name);
    execute format('revoke all on table %s from public, %I', found.name, session_user);
    if found.kind <> 'S' and not found.part then
      execute format('grant select on table %s to %I', found.name, session_user);
    end if;
  end loop;
  for found in select p.oid::regprocedure as name, p.prosecdef as definer from pg_proc p
                where p.pronamespace = 'public'::regnamespace and p.proname like 'audit\_%'
                  and pg_get_userbyid(p.proowner) = session_user loop
    execute format('alter function %s owner to streamspace_audit', found.name);
    if found.definer then
      execute format('grant execute on function %s to %I', found.name, session_user);
    end if;
  end loop;
  alter schema public owner to streamspace_audit;
  execute format('grant usage, create on schema public to %I', session_user);
end
$own$;

-- For pg_dump: the role of the service reads the log through its parent alone, and a dump wants each partition. Give it to whom makes backups:
-- `create role backup login in role streamspace_backup password '...'`.
create role streamspace_backup nologin;

grant pg_read_all_data to streamspace_backup;

revoke all on function public.streamspace_own_audit() from public;

-- Makes the indexes of the search (migration 0016), which only the owner of the tables may. On an installation of before: run
-- deploy/audit-search.sql, which is this function alone.
create or replace function public.streamspace_index_audit() returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $index$
begin
  create index if not exists audit_events_result on public.audit_events (result, seq desc) where result <> 'success';
  create index if not exists audit_events_request on public.audit_events (request_id);
  create index if not exists audit_events_address on public.audit_events (source_address collate "C", seq desc);
  create index if not exists audit_events_namespace on public.audit_events
    ((case when object like '%/%/%' then split_part(object, '/', 2) end), seq desc);
  create index if not exists audit_events_short_object on public.audit_events
    (lower(regexp_replace(object, '^([^/]*)/(?:.*/)?([^/]*)$', '\1/\2')), seq desc);
  create index if not exists audit_events_words on public.audit_events using gin (to_tsvector('simple', regexp_replace(
    left(' ' || type || ' ' || coalesce(actor, '') || ' ' || coalesce(object, '') || ' '
         || coalesce(details::text, ''), 16384), '[^[:alnum:]]+', ' x', 'g')));
end
$index$;

revoke all on function public.streamspace_index_audit() from public;

grant execute on function public.streamspace_own_audit() to streamspace;
grant execute on function public.streamspace_index_audit() to streamspace;
