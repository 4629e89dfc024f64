drop index hourloom.materialization_rejected;

drop table hourloom.deploy;

drop sequence hourloom.deploy_number;
