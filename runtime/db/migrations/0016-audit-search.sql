-- The search of the audit log, and searches that people keep.

-- One row a kept search; what it says is the text of the search.
create table audit_views (
  owner text not null references people (name) on delete cascade,
  name text not null check (length(name) between 1 and 80),
  query text not null check (length(query) <= 1000),
  saved_at timestamptz not null default now(),
  primary key (owner, name)
);

-- `X-Forwarded-For` may bring any text as an address: what is none is in no range.
create function streamspace_in_range(address text, range inet) returns boolean language plpgsql immutable strict as $$
begin
  return address::inet <<= range;
exception when others then
  return false;
end
$$;

-- Where the log has an owner that nobody signs in as, whoever set the server up has given him this (deploy/audit-owner.sql, or
-- deploy/audit-search.sql). Without it searches work, and those by other things than person, type and object read more rows.
do $$
begin
  if to_regprocedure('public.streamspace_index_audit()') is not null then
    perform public.streamspace_index_audit();
    return;
  end if;
  if (select relowner from pg_class where oid = 'audit_events'::regclass) <> (select oid from pg_roles where rolname = current_user) then
    return;
  end if;
  create index if not exists audit_events_result on audit_events (result, seq desc) where result <> 'success';
  create index if not exists audit_events_request on audit_events (request_id);
  create index if not exists audit_events_address on audit_events (source_address collate "C", seq desc);
  -- The team: objects are kind/namespace/name.
  create index if not exists audit_events_namespace on audit_events
    ((case when object like '%/%/%' then split_part(object, '/', 2) end), seq desc);
  -- kind/name, wherever it lies.
  create index if not exists audit_events_short_object on audit_events
    (lower(regexp_replace(object, '^([^/]*)/(?:.*/)?([^/]*)$', '\1/\2')), seq desc);
  -- Words of what happened. Each begins with an x, or the parser would take 12e5 of a commit for a number.
  create index if not exists audit_events_words on audit_events using gin (to_tsvector('simple', regexp_replace(
    left(' ' || type || ' ' || coalesce(actor, '') || ' ' || coalesce(object, '') || ' '
         || coalesce(details::text, ''), 16384), '[^[:alnum:]]+', ' x', 'g')));
end
$$;
