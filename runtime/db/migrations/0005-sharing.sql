-- Who is in which session, over all replicas of the gateway, and who came in by a link.

-- Left out: by a right of his own. {share, shareUid, visit, guest}
alter table tickets add column via jsonb;

-- One row each time somebody opened a link, and for each person who was put out. The pass lets him come back after a broken
-- connection without another use of the link; only its hash is here.
create table share_visits (
  id uuid primary key default gen_random_uuid(),
  pass_hash bytea unique,
  namespace text not null,
  session text not null,
  session_uid text not null,
  share text not null,
  share_uid text not null,
  -- Of a guest `guest:` and the name that he gave: no account has a colon in its name.
  person text not null,
  guest boolean not null,
  state text not null check (state in ('Waiting', 'Admitted', 'Denied', 'Removed')),
  created_at timestamptz not null default now(),
  -- While he waits he asks again and again.
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index share_visits_session on share_visits (session_uid, state);
create index share_visits_person on share_visits (share_uid, person);
create index share_visits_expiry on share_visits (expires_at);

-- One row an open stream. A replica says every few seconds that its own are still there; what it no longer speaks of is gone.
create table seats (
  id uuid primary key,
  namespace text not null,
  session text not null,
  session_uid text not null,
  person text not null,
  display_name text not null,
  guest boolean not null,
  -- In the session by a right of his own.
  owns boolean not null,
  base_right text not null check (base_right in ('control', 'view')),
  moderated boolean not null,
  share_uid text,
  visit uuid,
  -- What somebody who controls the session has decided about it.
  control text check (control in ('Given', 'Taken')),
  asked_at timestamptz,
  kicked boolean not null default false,
  since timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  input_at timestamptz,
  pointer_x integer,
  pointer_y integer
);
create index seats_session on seats (session_uid);
create index seats_share on seats (share_uid) where share_uid is not null;
create index seats_seen on seats (seen_at);

-- Since when a session with people who may not be alone in it has had no moderator.
create table moderator_absences (
  session_uid text primary key,
  left_at timestamptz not null default now()
);
