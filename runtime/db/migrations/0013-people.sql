-- What people are shown of their sign-ins, who is locked out, and what a logout at the identity
-- provider ends.

alter table sign_ins
  -- From where it was made. Null: before this was noted.
  add column address text,
  add column user_agent text check (length(user_agent) <= 400),
  -- The session at the identity provider (OpenID Connect Back-Channel Logout 1.0, 2.1). Null: it named none.
  add column sid text;
create index sign_ins_sid on sign_ins (sid) where sid is not null;
create index people_account on people (issuer, subject);

-- No reference to people: whoever is forgotten stays locked, and one may be locked before he first comes.
create table person_locks (
  name text primary key check (length(name) between 1 and 128),
  -- The account he had: another name at the provider opens nothing.
  issuer text,
  subject text,
  locked_by text not null,
  reason text not null,
  locked_at timestamptz not null default now()
);
create index person_locks_account on person_locks (issuer, subject) where subject is not null;

-- Each logout token counts once. Kept for as long as one may be old.
create table logout_tokens (
  token_hash bytea primary key,
  expires_at timestamptz not null
);
create index logout_tokens_expiry on logout_tokens (expires_at);
