-- What the rows of a load refer to, as hashes: by them the loads are found whose records must be judged again when
-- something that was kept is not any more. An index on the rows themselves would have an entry for each.
create table hourloom.reference (
  load_id  bigint not null,
  -- Of the table whose rows refer, and by which of its columns.
  asset    text not null,
  "column" text not null,
  targets  integer[] not null,

  constraint reference_one_per_load
    primary key (load_id, asset, "column")
);

-- Written at once: what is pending would be read by every search.
create index reference_by_target on hourloom.reference using gin (targets) with (fastupdate = off);

-- The hash of the id that a record refers to and that is not kept: it is judged again when that one comes. Of several
-- the smallest: while one is missing, it stays held back.
alter table hourloom.ruling
  add column missing integer,
  add constraint ruling_missing_is_of_reference
    check (missing is null or reason = 'reference');

create index ruling_by_missing on hourloom.ruling (asset, missing) where missing is not null;
