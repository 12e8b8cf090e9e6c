-- What the identity provider says about a person is asked again now and then, so that whoever leaves a group there loses
-- what it gave. With the sign-in, because signing out ends its refresh token at the provider and no other. Tokens are sealed
-- with a key that is not in this database.

alter table sign_ins
  -- Null: the provider gave none, or there is no key; the groups are those of the sign-in.
  add column refresh_token bytea,
  add column confirmed_at timestamptz not null default now(),
  -- One replica asks at a time; what a replica that died was asking is left to the next.
  add column confirming_until timestamptz;
create index sign_ins_confirmation on sign_ins (confirmed_at) where refresh_token is not null;

-- When the provider last said who it is: API keys act with those groups, and not for ever. Null: it never did.
alter table people add column confirmed_at timestamptz;
update people set confirmed_at = last_sign_in_at;
