drop view hourloom.held_back;
drop index hourloom.materialization_of_load;
drop table hourloom.ruled_partition;
drop table hourloom.ruling;
