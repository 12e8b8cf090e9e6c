-- The index of recordings. The pictures are in the object storage; a row of a segment is written after its object is there to
-- stay, so a row never lies. A recording that was deleted keeps its row: what it was, who deleted it and why, and the last hash
-- of its chain, by which a copy that somebody has kept can still be told from a forgery.

create table recordings (
  -- UUID version 7 (RFC 9562, 5.7): the order of ids is the order of their beginnings.
  id uuid primary key,
  namespace text not null,
  session text not null,
  -- A session that was deleted and made again has another.
  session_uid text not null,
  owner text not null,
  team text,
  template text not null,
  -- Of the RecordingPolicy that asked for it: namespace/name and commit, where they are known.
  policy text,
  policy_revision text,
  policy_hash text not null,
  -- As merged from all policies (schemas/kinds/recording-rules.ts): who may watch, and for how long it is kept.
  rules jsonb not null,
  -- Who had a stream of the session open while it was recorded.
  participants text[] not null default '{}',
  state text not null default 'Recording' check (state in ('Recording', 'Complete', 'Incomplete', 'Deleted')),
  -- Why it is incomplete: an error code.
  reason text,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- Up to the end of the last closed segment.
  duration_ms bigint not null default 0,
  bytes bigint not null default 0,
  segments integer not null default 0,
  -- Hash of the chain after the last segment.
  chain text,
  key_prefix text not null,
  -- Of the key that the segments are encrypted with; null: they are not.
  key_id text,
  retention_until timestamptz,
  hold_reason text,
  -- A person, or the RecordingPolicy that asked for it.
  hold_by text,
  hold_at timestamptz,
  -- From here on nobody watches it any more; its objects go, then its rows.
  deleting_at timestamptz,
  -- A person; null: its retention was over.
  deleted_by text,
  deleted_reason text,
  deleted_at timestamptz,
  -- The replica that deletes it has this long before another one tries.
  claimed_until timestamptz,
  check ((hold_reason is null) = (hold_by is null) and (hold_reason is null) = (hold_at is null)),
  check (hold_reason is null or deleting_at is null),
  check (state <> 'Deleted' or deleted_at is not null)
);
create index recordings_namespace on recordings (namespace, id desc);
create index recordings_owner on recordings (owner, id desc);
create index recordings_participants on recordings using gin (participants);
create index recordings_session on recordings (session_uid, id desc);
create index recordings_live on recordings (session_uid) where state = 'Recording';
create index recordings_retention on recordings (retention_until) where deleting_at is null and hold_reason is null;
create index recordings_deleting on recordings (deleting_at) where deleting_at is not null and deleted_at is null;

create table recording_segments (
  recording uuid not null references recordings (id) on delete cascade,
  number integer not null check (number > 0),
  -- Name of the object below key_prefix.
  file text not null,
  start_ms bigint not null check (start_ms >= 0),
  duration_ms bigint not null check (duration_ms >= 0),
  bytes bigint not null check (bytes > 0),
  sha256 text not null check (length(sha256) = 64),
  chain text not null check (length(chain) = 64),
  width integer not null,
  height integer not null,
  -- False: its recorder was cut off; it is whole up to its end.
  closed boolean not null default true,
  primary key (recording, number)
);

create table recording_gaps (
  recording uuid not null references recordings (id) on delete cascade,
  from_ms bigint not null check (from_ms >= 0),
  -- Null: it is not over, or its end is not known.
  to_ms bigint,
  code text not null,
  primary key (recording, from_ms)
);

-- Marks on the time line. Never which key, never the text of a clipboard.
create table recording_events (
  recording uuid not null references recordings (id) on delete cascade,
  -- The segment that it came with, and its place in it: what is sent again is stored once.
  segment integer not null,
  place integer not null,
  at_ms bigint not null check (at_ms >= 0),
  kind text not null,
  detail jsonb not null default '{}',
  primary key (recording, segment, place)
);
create index recording_events_order on recording_events (recording, at_ms, segment, place);

-- Who watched. It outlives the recording.
create table recording_views (
  seq bigint generated always as identity primary key,
  recording uuid not null,
  person text not null,
  segment integer not null,
  start_ms bigint not null,
  end_ms bigint not null,
  download boolean not null,
  at timestamptz not null
);
create index recording_views_order on recording_views (recording, seq desc);

-- What the owner of a session answered where a policy records with his consent. The newest answer counts.
create table recording_consents (
  seq bigint generated always as identity primary key,
  session_uid text not null,
  person text not null,
  agreed boolean not null,
  policy_hash text not null,
  at timestamptz not null
);
create index recording_consents_order on recording_consents (session_uid, seq desc);
