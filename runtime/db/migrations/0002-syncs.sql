-- What the controller tells of its syncs: what happened (syncs), and for each object what Git wants of it and since when
-- (sync_objects, sync_files). The first is history and kept by age and count; the other two are a copy that the next sync
-- makes again. No value of a Secret is in any of them.

create table syncs (
  seq bigint generated always as identity primary key,
  -- Made by the controller, so that a row that is sent again is stored once.
  id uuid not null unique,
  namespace text not null,
  name text not null,
  -- A GitSync that was deleted and made again has another.
  uid text not null,
  revision text,
  previous_revision text,
  author text,
  message text,
  committed_at timestamptz,
  trigger text not null,
  -- Who asked, and whether the API server vouches for it.
  requested_by text,
  requested_by_verified boolean not null default false,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  result text not null check (result in ('synced', 'failed', 'superseded', 'stopped')),
  code text,
  reason text,
  -- The same failure of the same revision again and again is one row.
  attempts integer not null default 1,
  last_id uuid not null,
  counts jsonb not null,
  written integer not null,
  deleted integer not null,
  changes jsonb not null,
  changes_left_out integer not null default 0,
  problems jsonb not null,
  controller text not null
);
create index syncs_of on syncs (namespace, name, seq desc);
create index syncs_uid on syncs (uid, seq desc);
create index syncs_age on syncs (started_at);

create table sync_objects (
  gitsync_uid text not null,
  -- group/kind/namespace/name
  object text not null,
  namespace text not null,
  name text not null,
  version text not null,
  -- The rendered path it comes from; null where the GitSync has no units.
  unit text,
  file text,
  line integer,
  document integer,
  -- The revision that last changed what Git wants of it.
  revision text,
  changed_at timestamptz not null,
  health text not null,
  health_message text not null default '',
  -- What Git wants, as the API server wrote it back; null where it is too large or a Secret's value alone.
  wanted jsonb,
  wanted_hash bytea not null,
  primary key (gitsync_uid, object)
);
create index sync_objects_of on sync_objects (namespace, name, object);

create table sync_files (
  gitsync_uid text not null,
  file text not null,
  -- The file as it was when this was found out.
  blob text not null,
  -- The commit that last changed it; null: further back than was looked.
  revision text,
  author text,
  message text,
  committed_at timestamptz,
  primary key (gitsync_uid, file)
);
