drop index hourloom.materialization_one_visible;

create unique index materialization_one_visible
  on hourloom.materialization (asset, partition)
  include (code_version, row_count)
  where visible;

alter table hourloom.materialization
  drop column empty;
