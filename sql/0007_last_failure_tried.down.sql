alter table hourloom.last_failure
  drop column tried;
