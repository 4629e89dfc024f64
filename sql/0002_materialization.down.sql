drop table hourloom.materialization;
