-- Tickets for consoles, beside those for streams.
alter table tickets drop constraint tickets_stream_right_check;
alter table tickets add constraint tickets_stream_right_check check (stream_right in ('control', 'view', 'exec'));
