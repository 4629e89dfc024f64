drop table hourloom.health;
