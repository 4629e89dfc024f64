drop table hourloom.erasure_audit;
drop function hourloom.refuse_change();
drop table hourloom.erasure;
drop table hourloom.suppression;
