drop index hourloom.materialization_quarantined;

drop index hourloom.materialization_empty;
