-- How a person arranges the displays of desktops, for each set of monitors that he sits at.

create table display_layouts (
  owner text not null references people (name) on delete cascade,
  -- SHA-256 of what the browser says of the monitors, as hexadecimal digits: it finds them again and tells nobody what they are.
  monitors text not null check (monitors ~ '^[0-9a-f]{64}$'),
  -- [{column, row, monitor}], that of the main window first.
  displays jsonb not null,
  saved_at timestamptz not null default now(),
  primary key (owner, monitors)
);
