-- Numbers attempts and, once an attempt has published, its load. One sequence for all partitions, so that a load id is
-- unique over all tables and always higher than those before it. Bounded so that it is exact as a JSON number.
create sequence hourloom.load_id as bigint maxvalue 9007199254740991;

-- The newest attempt at each partition: whoever publishes must hold this number.
-- backend_pid and backend_start name the session of the last load that began, so that the next attempt can end it.
create table hourloom.fence (
  pipeline      text not null,
  partition     timestamptz not null,
  fence         bigint not null,
  backend_pid   integer,
  backend_start timestamptz,
  claimed_at    timestamptz not null,

  constraint fence_one_per_partition
    primary key (pipeline, partition),
  constraint fence_is_positive
    check (fence > 0),
  constraint fence_backend_whole_or_absent
    check ((backend_pid is null) = (backend_start is null))
);
