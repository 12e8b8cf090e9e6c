-- A key may be narrowed: to areas of the API, and to addresses. Those that were made before do what their owner may.

alter table api_keys
  add column scopes text[] not null default '{*}' check (cardinality(scopes) > 0),
  add column addresses text[] not null default '{}';
