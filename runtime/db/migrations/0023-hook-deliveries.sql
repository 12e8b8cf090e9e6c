-- Hooks that were taken, so that one that a forge delivers again, to whichever replica, does nothing. The hooks themselves wait in the
-- schema `streamspace_hooks`, which belongs to graphile-worker (ADR 0055). What is older than a day goes.
create table hook_deliveries (
  -- `namespace/name`
  git_sync text not null,
  -- As the forge names it.
  delivery text not null,
  at timestamptz not null default now(),
  primary key (git_sync, delivery)
);
create index hook_deliveries_at on hook_deliveries (at);
