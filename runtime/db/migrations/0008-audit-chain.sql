--! breaking: replicas that are older keep their audit events in the spool from here on, and newer ones store them.
-- The audit log by months, in a chain of hashes (ADR 0034). Who writes calls `audit_append`, which computes the hashes and holds one
-- lock for all replicas; nobody inserts, updates or deletes rows by hand. The owner of these tables is a role that nobody signs in
-- as, where the server has one (at the end).

alter table audit_events rename to audit_events_old;
alter table audit_events_old rename constraint audit_events_pkey to audit_events_old_pkey;
drop index audit_events_actor, audit_events_type, audit_events_object;

-- One row a month: the end of its chain. It stays when the month is dropped.
create table audit_months (
  month date primary key check (extract(day from month) = 1),
  rows bigint not null default 0,
  last_seq bigint,
  -- Of no rows: the SHA-256 of 'streamspace.io/audit/v1 YYYY-MM'.
  last_hash bytea not null,
  dropped_at timestamptz
);

-- A month in it is not dropped, whatever the retention says.
create table audit_holds (
  month date primary key check (extract(day from month) = 1),
  reason text not null check (reason <> ''),
  by text not null check (by <> ''),
  at timestamptz not null default now()
);

create sequence audit_events_number;

create table audit_events (
  seq bigint not null,
  -- Made by the writer, so that an event that is replayed from the spool is stored once.
  id uuid not null,
  -- Whole milliseconds.
  at timestamptz not null,
  type text not null,
  actor text,
  result text not null check (result in ('success', 'refused', 'failure')),
  object text,
  source_address text,
  request_id text,
  details jsonb,
  -- In the chain of its month, from 1.
  position bigint not null,
  -- SHA-256 of the hash before and of the canonical JSON of this row.
  hash bytea not null,
  -- Unique with the time, since a key of a partitioned table holds what it is partitioned by; a replay brings the same time.
  primary key (id, at)
) partition by range (at);
create index audit_events_order on audit_events (seq, id);
create index audit_events_actor on audit_events (actor, seq desc);
create index audit_events_type on audit_events (type, seq desc);
create index audit_events_object on audit_events (object, seq desc);
create trigger audit_events_no_change before update or delete on audit_events
  for each row execute function audit_events_refuse_change();
create trigger audit_events_no_truncate before truncate on audit_events
  for each statement execute function audit_events_refuse_change();

-- RFC 8785 for what details hold. Names of fields are ASCII. A number that JavaScript would write with an exponent has another
-- form there than here, so the writer makes a text of it; one that comes all the same is refused.
create function audit_canonical(value jsonb) returns text language plpgsql immutable strict as $$
declare
  number numeric;
begin
  case jsonb_typeof(value)
  when 'object' then
    return '{' || coalesce((select string_agg(to_json(key)::text || ':' || public.audit_canonical(item), ',' order by key collate "C")
                              from jsonb_each(value) as field (key, item)), '') || '}';
  when 'array' then
    return '[' || coalesce((select string_agg(public.audit_canonical(item), ',' order by place)
                              from jsonb_array_elements(value) with ordinality as list (item, place)), '') || ']';
  when 'number' then
    number := trim_scale(value::text::numeric);
    if abs(number) >= 1e21 or (number <> 0 and abs(number) < 1e-6) then
      raise exception 'the number % of an audit event has no plain form', number using errcode = 'numeric_value_out_of_range';
    end if;
    return number::text;
  else
    return value::text;
  end case;
end
$$;

create function audit_link(
  previous bytea, seq bigint, place bigint, id uuid, at timestamptz, type text, actor text, result text, object text,
  source_address text, request_id text, details jsonb
) returns bytea language sql stable as $$
  select sha256(previous || convert_to(
    '{"actor":' || coalesce(to_json(actor)::text, 'null')
    || ',"at":"' || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    || '","details":' || coalesce(public.audit_canonical(details), 'null')
    || ',"id":"' || id::text
    || '","object":' || coalesce(to_json(object)::text, 'null')
    || ',"position":' || place::text
    || ',"requestId":' || coalesce(to_json(request_id)::text, 'null')
    || ',"result":' || to_json(result)::text
    || ',"seq":' || seq::text
    || ',"sourceAddress":' || coalesce(to_json(source_address)::text, 'null')
    || ',"type":' || to_json(type)::text || '}', 'UTF8'))
$$;

-- Also the start of its chain. What is there already stays as it is.
create function audit_make_month(first date) returns void language plpgsql as $$
declare
  name text := 'audit_events_' || to_char(first, 'YYYY_MM');
begin
  insert into public.audit_months (month, last_hash)
    values (first, sha256(convert_to('streamspace.io/audit/v1 ' || to_char(first, 'YYYY-MM'), 'UTF8')))
    on conflict (month) do nothing;
  if not found then
    return;
  end if;
  execute format('create table public.%I partition of public.audit_events for values from (%L) to (%L)', name,
                 first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
  -- Triggers on rows are inherited, this is not.
  execute format('create trigger audit_events_no_truncate before truncate on public.%I
                  for each statement execute function public.audit_events_refuse_change()', name);
end
$$;

-- Called ahead of time, so that no writer waits for a table.
create function audit_prepare_months() returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  this date := date_trunc('month', now() at time zone 'UTC')::date;
begin
  if (select count(*) from public.audit_months where month in (this, (this + interval '1 month')::date)) = 2 then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('streamspace.io/audit', 0));
  perform public.audit_make_month(this);
  perform public.audit_make_month((this + interval '1 month')::date);
end
$$;

-- Stores events in the order given; those that are there already are left alone. One writer at a time over all replicas, or the chain
-- would fork. An event of a month that was dropped, or of the far future, is stored as of now, with its own time in `occurredAt`.
create function audit_append(events jsonb) returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  event jsonb;
  head public.audit_months;
  told timestamptz;
  stamp timestamptz;
  first date;
  facts jsonb;
  moved boolean;
  number bigint;
  latest date := (date_trunc('month', now() at time zone 'UTC') + interval '1 month')::date;
begin
  perform pg_advisory_xact_lock(hashtextextended('streamspace.io/audit', 0));
  for event in select value from jsonb_array_elements(events) with ordinality as list (value, place) order by place loop
    told := date_trunc('milliseconds', (event->>'at')::timestamptz);
    stamp := told;
    first := date_trunc('month', stamp at time zone 'UTC')::date;
    facts := nullif(event->'details', 'null');
    moved := first > latest or exists (select from public.audit_months where month = first and dropped_at is not null);
    if moved then
      continue when exists (select from public.audit_events where id = (event->>'id')::uuid);
      stamp := date_trunc('milliseconds', now());
      first := date_trunc('month', stamp at time zone 'UTC')::date;
      facts := coalesce(facts, '{}') || jsonb_build_object('occurredAt', event->>'at');
    end if;
    if first is distinct from head.month then
      update public.audit_months set rows = head.rows, last_seq = head.last_seq, last_hash = head.last_hash where month = head.month;
      select * into head from public.audit_months where month = first;
      if not found then
        perform public.audit_make_month(first);
        select * into head from public.audit_months where month = first;
      end if;
    end if;
    continue when exists (select from public.audit_events where id = (event->>'id')::uuid and at = stamp);
    number := nextval('public.audit_events_number');
    head.rows := head.rows + 1;
    head.last_seq := number;
    head.last_hash := public.audit_link(
      head.last_hash, number, head.rows, (event->>'id')::uuid, stamp, event->>'type', event->>'actor', event->>'result',
      event->>'object', event->>'sourceAddress', event->>'requestId', facts);
    insert into public.audit_events
      (seq, id, at, type, actor, result, object, source_address, request_id, details, position, hash)
    values (number, (event->>'id')::uuid, stamp, event->>'type', event->>'actor', event->>'result', event->>'object',
            event->>'sourceAddress', event->>'requestId', facts, head.rows, head.last_hash);
  end loop;
  update public.audit_months set rows = head.rows, last_seq = head.last_seq, last_hash = head.last_hash where month = head.month;
end
$$;

-- The whole month or nothing; never this month or the one before, never a month that is held. Twice is once.
create function audit_drop_month(first date) returns boolean language plpgsql security definer
  set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  if first >= (date_trunc('month', now() at time zone 'UTC') - interval '1 month')::date then
    raise exception 'the audit of % is too young to be dropped', first using errcode = 'insufficient_privilege';
  end if;
  -- Whoever sets a hold waits for us here, or we for him.
  perform pg_advisory_xact_lock(hashtextextended('streamspace.io/audit', 0));
  if exists (select from public.audit_holds where month = first) then
    return false;
  end if;
  update public.audit_months set dropped_at = now() where month = first and dropped_at is null;
  if not found then
    return false;
  end if;
  execute format('drop table public.%I', 'audit_events_' || to_char(first, 'YYYY_MM'));
  return true;
end
$$;

-- True: the month is held now. A hold that is there already stays as it is; a month that is gone cannot be held.
create function audit_hold(first date, why text, person text) returns boolean language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('streamspace.io/audit', 0));
  if not exists (select from public.audit_months where month = first and dropped_at is null) then
    return false;
  end if;
  insert into public.audit_holds (month, reason, by) values (first, why, person) on conflict (month) do nothing;
  return true;
end
$$;

create function audit_release(first date) returns boolean language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.audit_holds where month = first;
  return found;
end
$$;

revoke all on function audit_hold, audit_release, audit_canonical, audit_link, audit_make_month, audit_prepare_months, audit_append, audit_drop_month from public;

-- What was there, with its numbers; the chain begins with it.
do $$
declare
  old record;
  head audit_months;
  first date;
  stamp timestamptz;
begin
  for old in select * from audit_events_old order by seq loop
    stamp := date_trunc('milliseconds', old.at);
    first := date_trunc('month', stamp at time zone 'UTC')::date;
    if first is distinct from head.month then
      update audit_months set rows = head.rows, last_seq = head.last_seq, last_hash = head.last_hash where month = head.month;
      perform audit_make_month(first);
      select * into head from audit_months where month = first;
    end if;
    head.rows := head.rows + 1;
    head.last_seq := old.seq;
    head.last_hash := audit_link(head.last_hash, old.seq, head.rows, old.id, stamp, old.type, old.actor, old.result, old.object,
                                 old.source_address, old.request_id, old.details);
    insert into audit_events
    values (old.seq, old.id, stamp, old.type, old.actor, old.result, old.object, old.source_address, old.request_id, old.details,
            head.rows, head.last_hash);
  end loop;
  update audit_months set rows = head.rows, last_seq = head.last_seq, last_hash = head.last_hash where month = head.month;
  perform setval('audit_events_number', coalesce((select max(seq) from audit_events_old), 0) + 1, false);
end
$$;
drop table audit_events_old;
select audit_prepare_months();

-- Made by whoever set the server up (docs/guides/audit-log.md). Without it the tables belong to the role that runs this, and the
-- triggers alone stand in its way.
do $$
begin
  if to_regprocedure('public.streamspace_own_audit()') is not null then
    perform public.streamspace_own_audit();
  end if;
end
$$;
