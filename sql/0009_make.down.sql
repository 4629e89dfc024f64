drop table hourloom.pool;

drop table hourloom.attempt_note;
