drop table hourloom.check_result;
