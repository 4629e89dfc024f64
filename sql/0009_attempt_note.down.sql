drop table hourloom.attempt_note;
