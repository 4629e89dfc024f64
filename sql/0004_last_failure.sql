-- Why the last run of a partition failed, for longer than the engine keeps its history.
-- Written at the end of a failed run, deleted by the next publish.
create table hourloom.last_failure (
  pipeline  text not null,
  partition timestamptz not null,
  reason    text not null,
  retryable boolean not null,
  failed_at timestamptz not null,

  constraint last_failure_one_per_partition
    primary key (pipeline, partition),
  constraint last_failure_reason_is_small
    check (char_length(reason) between 1 and 2000)
);
