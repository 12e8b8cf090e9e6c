-- Keys are told of before they end, replaced with the same rights, and made for machines by others than their owner.

alter table api_keys
  -- The shortest time before its end, in days, that was told of. Null: none yet.
  add column warned_days integer,
  -- The key that took its place; this one goes on for a while, and is told of no more.
  add column replaced_by text references api_keys (id) on delete set null,
  -- Who made it, where that is not its owner.
  add column created_by text;
