-- Sign-ins at SAML providers, and when a provider last asked a person for credentials.
alter table pending_sign_ins
  add column begun_at timestamptz not null default now(),
  -- The provider was told to ask for credentials again.
  add column fresh boolean not null default false,
  -- What a SAML provider has said, verified; the browser that began it has still to fetch it.
  add column answer jsonb;

alter table sign_ins
  -- When the provider asked for credentials, as it says. Null: it does not say, or this is from before it was noted.
  add column authenticated_at timestamptz,
  -- Whom and which session a SAML logout names: nameId, format, nameQualifier, spNameQualifier, sessionIndex.
  add column saml_session jsonb;
create index sign_ins_saml_name on sign_ins ((saml_session->>'nameId')) where saml_session is not null;

alter table waiting_sign_ins
  add column authenticated_at timestamptz,
  -- When the session at the provider ends. Null: it did not say.
  add column ends_at timestamptz,
  add column saml_session jsonb;

-- Assertions and logout requests that were used: each counts once, in whichever replica. Only hashes, and only while one could be good.
create table saml_messages (
  message_hash bytea primary key,
  expires_at timestamptz not null
);
create index saml_messages_expiry on saml_messages (expires_at);
