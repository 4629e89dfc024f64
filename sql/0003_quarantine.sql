-- Records, and whole files (line 0), that broke a contract. They belong to a load and go with it.
-- The load id comes from the publishing transaction, as in every table that a load fills.
create table hourloom.quarantine (
  load_id    bigint not null default current_setting('hourloom.load_id')::bigint,
  number     bigint not null generated always as identity,
  asset      text not null,
  source_key text not null,
  line       bigint not null,
  reason     text not null,
  detail     text not null,
  excerpt    text not null,

  constraint quarantine_number_per_load
    primary key (load_id, number),
  constraint quarantine_line_not_negative
    check (line >= 0),
  constraint quarantine_reason_is_code
    check (reason ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint quarantine_detail_is_small
    check (char_length(detail) <= 1000),
  constraint quarantine_excerpt_is_small
    check (char_length(excerpt) <= 2000)
);
