-- The search of the audit log in an installation whose log has an owner of its own (docs/guides/audit-log.md).

-- Makes the indexes of the search (migration 0016), which only the owner of the tables may. The same stands in audit-owner.sql; this file is for
-- installations that were set up before it did: for the superuser, in the database of StreamSpace, once.
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

grant execute on function public.streamspace_index_audit() to streamspace;
select public.streamspace_index_audit();
