-- How far each sink of an AuditPolicy is in the audit log (ADR 0042). The name does not begin with audit_: what does belongs to an owner
-- that the service cannot write as.
create table event_sinks (
  -- policy/sink
  name text primary key,
  -- The last event that it has taken.
  seq bigint not null,
  -- Which replica delivers, and until when nobody else does.
  holder text,
  held_until timestamptz not null default '-infinity',
  -- Why it takes none at the moment.
  problem text
);
