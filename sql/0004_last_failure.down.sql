drop table hourloom.last_failure;
