drop index hourloom.ruling_by_repeated_id;
alter table hourloom.ruling
  drop column missing;
drop table hourloom.reference;
