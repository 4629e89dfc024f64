-- What was said while a partition was made: the values that its function noted, and where its log stands in the lake.
-- One row for each attempt of a function, and one for each run that failed; a partition keeps the latest 20.
create table hourloom.attempt_note (
  pipeline   text not null,
  partition  timestamptz not null,
  -- The fence that the attempt held; 0 where it failed before it claimed one.
  load_id    bigint not null,
  step       text not null,
  run_id     text,
  failed     boolean not null,
  meta       jsonb,
  log_key    text,
  log_size   bigint,
  created_at timestamptz not null,

  constraint attempt_note_one_per_step
    primary key (pipeline, partition, load_id, step),
  constraint attempt_note_load_id_not_negative
    check (load_id >= 0),
  constraint attempt_note_step_is_known
    check (step in ('make', 'run')),
  constraint attempt_note_meta_is_small_object
    check (jsonb_typeof(meta) = 'object' and octet_length(meta::text) <= 65536),
  constraint attempt_note_log_is_whole
    check ((log_key is null) = (log_size is null)),
  constraint attempt_note_log_key_is_small
    check (octet_length(log_key) between 1 and 256)
);

-- When the next turn of a foreign system's pool is, for all workers together.
create table hourloom.pool (
  name    text not null,
  next_at timestamptz not null,

  constraint pool_once
    primary key (name),
  constraint pool_name_is_small
    check (octet_length(name) between 1 and 800)
);
