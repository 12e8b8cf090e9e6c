-- Second factors of people, sign-ins that wait for one, and when one was last given. Of TOTP secrets only the sealed form is
-- here, of recovery codes and challenges only hashes.
create table passkeys (
  -- The credential id, in base64url as WebAuthn writes it.
  id text primary key,
  person text not null references people (name) on delete cascade,
  name text not null,
  public_key bytea not null,
  -- Of the authenticator; it never goes back. Those that do not count stay at 0.
  counter bigint not null,
  transports text[] not null default '{}',
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkeys_person on passkeys (person, created_at);

create table totp_secrets (
  person text primary key references people (name) on delete cascade,
  sealed bytea not null,
  -- The time step of the last code that was taken: none counts twice.
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  -- Null: it was shown, and no code has proven yet that somebody has it.
  confirmed_at timestamptz,
  last_used_at timestamptz
);

create table recovery_codes (
  code_hash bytea primary key,
  person text not null references people (name) on delete cascade,
  created_at timestamptz not null default now()
);
create index recovery_codes_person on recovery_codes (person);

create table factor_challenges (
  challenge_hash bytea primary key,
  -- Of the sign-in that it was made for, waiting or not.
  credential text not null,
  use text not null,
  expires_at timestamptz not null
);
create index factor_challenges_expiry on factor_challenges (expires_at);

-- The identity provider has confirmed who it is; the second factor is still missing. No sign-in, so nothing else can take it for one.
create table waiting_sign_ins (
  id uuid primary key default gen_random_uuid(),
  secret_hash bytea not null unique,
  person text not null references people (name) on delete cascade,
  refresh_token bytea,
  return_to text not null,
  -- For the sign-in that it becomes: the session at the provider, and the browser.
  sid text,
  user_agent text,
  -- With a factor that no longer counts: it lets its owner enrol one that does.
  proven boolean not null default false,
  expires_at timestamptz not null
);
create index waiting_sign_ins_expiry on waiting_sign_ins (expires_at);

alter table sign_ins
  -- The last second factor that was given. Null: none.
  add column proven_at timestamptz,
  -- As the policies were when it began. Null: as the gateway is set.
  add column idle_ms bigint;
