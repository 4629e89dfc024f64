drop table hourloom.survey;
