-- What the gateway keeps: people, how they are signed in, and what happened. Secrets are stored as SHA-256 only, so a
-- dump of this database opens nothing.

create table people (
  name text primary key check (length(name) between 1 and 128),
  display_name text not null,
  -- As the identity provider said at the last sign-in; API keys act with these.
  groups text[] not null default '{}',
  issuer text,
  subject text,
  created_at timestamptz not null default now(),
  last_sign_in_at timestamptz
);

-- One row a signed-in browser.
create table sign_ins (
  id uuid primary key default gen_random_uuid(),
  secret_hash bytea not null unique,
  person text not null references people (name) on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  idle_after timestamptz not null,
  expires_at timestamptz not null
);
create index sign_ins_person on sign_ins (person);
create index sign_ins_expiry on sign_ins (least(idle_after, expires_at));

-- A sign-in that was sent to the identity provider and has not come back; used once. PKCE verifier and nonce follow from
-- the browser's cookie and are not here.
create table pending_sign_ins (
  state_hash bytea primary key,
  browser_hash bytea not null,
  return_to text not null,
  expires_at timestamptz not null
);
create index pending_sign_ins_expiry on pending_sign_ins (expires_at);

create table api_keys (
  id text primary key,
  owner text not null references people (name) on delete cascade,
  name text not null,
  secret_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz
);
create index api_keys_owner on api_keys (owner, created_at);
create index api_keys_expiry on api_keys (expires_at);

-- The right to open one stream, once.
create table tickets (
  ticket_hash bytea primary key,
  person text not null,
  namespace text not null,
  session text not null,
  session_uid text not null,
  stream_right text not null check (stream_right in ('control', 'view')),
  -- The sign-in or key it came from: the stream ends with it.
  credential text not null,
  expires_at timestamptz not null
);
create index tickets_expiry on tickets (expires_at);

-- `object_name` is written before the object is made: a repeat after a crash finds the same object. `status` is null
-- until the answer is known.
create table idempotency_keys (
  person text not null,
  key text not null check (length(key) between 1 and 128),
  request_hash bytea not null,
  object_name text not null,
  claimed_at timestamptz not null default now(),
  status integer,
  -- Not jsonb: a repeat gets the same bytes.
  response json,
  location text,
  expires_at timestamptz not null,
  primary key (person, key)
);
create index idempotency_keys_expiry on idempotency_keys (expires_at);

-- No reference to people: the history still names a person whose account is gone.
create table audit_events (
  seq bigint generated always as identity primary key,
  -- Made by the writer, so that an event that is replayed from the spool is stored once.
  id uuid not null unique,
  at timestamptz not null,
  type text not null,
  actor text,
  result text not null check (result in ('success', 'refused', 'failure')),
  object text,
  source_address text,
  request_id text,
  details jsonb
);
create index audit_events_actor on audit_events (actor, seq desc);
create index audit_events_type on audit_events (type, seq desc);
create index audit_events_object on audit_events (object, seq desc);

-- Append-only. Whoever may switch the trigger off owns the table; a separate owner role takes that away too (docs).
create function audit_events_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit events are append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_events_no_change before update or delete on audit_events
  for each row execute function audit_events_refuse_change();
create trigger audit_events_no_truncate before truncate on audit_events
  for each statement execute function audit_events_refuse_change();
