drop table hourloom.quarantine;
