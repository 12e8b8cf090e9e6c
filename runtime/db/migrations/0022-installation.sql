-- What tells this installation from another one: an address may lead to the wrong gateway. It is no secret.
create table installation (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid()
);
insert into installation default values;
