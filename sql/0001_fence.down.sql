drop table hourloom.fence;

drop sequence hourloom.load_id;
