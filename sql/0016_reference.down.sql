alter table hourloom.ruling
  drop column missing;
drop table hourloom.reference;
