-- What status marks: few partitions among many, so that finding them must not read the others.
create index materialization_empty
  on hourloom.materialization (asset, partition)
  where visible and empty;

create index materialization_quarantined
  on hourloom.materialization (asset, partition)
  where visible and (counts ->> 'quarantined')::bigint > 0;
