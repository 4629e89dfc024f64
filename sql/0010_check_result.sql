-- What each check said of one load of one asset's partition: of the load that is visible, and of the newest attempt if a
-- blocking check refused it. Those of older loads go when a newer one comes.
create table hourloom.check_result (
  asset      text not null,
  partition  timestamptz not null,
  load_id    bigint not null,
  name       text not null,
  blocking   boolean not null,
  passed     boolean not null,
  value      double precision,
  detail     text not null,
  checked_at timestamptz not null,

  constraint check_result_once
    primary key (asset, partition, load_id, name),
  constraint check_result_name_is_short
    check (length(name) between 1 and 500),
  constraint check_result_detail_is_short
    check (length(detail) <= 2000)
);

-- The few that failed, among very many that passed.
create index check_result_failed on hourloom.check_result (checked_at) where not passed;
