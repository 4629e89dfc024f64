alter table hourloom.last_failure
  drop column attempts,
  drop column run_id;

drop table hourloom.backfill;
