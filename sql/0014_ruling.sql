-- The records that break a rule over the whole set: an earlier row has their id, or they refer to what is not kept. The
-- rows themselves stay where they are; the public view of their table leaves them out. Judged anew in each transaction
-- that publishes or takes away rows of the set, and only in these.
create table hourloom.ruling (
  asset      text not null,
  load_id    bigint not null,
  id         text not null,
  source_key text not null,
  line       bigint not null,
  reason     text not null,
  detail     text not null,

  constraint ruling_one_per_record
    primary key (asset, load_id, id),
  constraint ruling_reason_is_known
    check (reason in ('duplicate', 'key_conflict', 'reference')),
  constraint ruling_detail_is_small
    check (char_length(detail) <= 1000)
);

-- The ledger of rulings: which publication last changed what is held back of a partition by rules over the set. With the
-- visible load it is the version of what readers see there.
create table hourloom.ruled_partition (
  asset     text not null,
  partition timestamptz not null,
  -- The fence of that publication.
  ruling    bigint not null,
  held      bigint not null,
  ruled_at  timestamptz not null,

  constraint ruled_partition_once
    primary key (asset, partition),
  constraint ruled_partition_ruling_is_positive
    check (ruling > 0),
  constraint ruled_partition_held_not_negative
    check (held >= 0)
);

-- To tell those who read the partitions that a publication changed.
create index ruled_partition_by_ruling on hourloom.ruled_partition (ruling);

-- To find the partition of a row, of which the load is known.
create index materialization_of_load on hourloom.materialization (load_id, asset) where visible;

-- Everything that visible loads hold back, whichever rule it broke: of its own record, or over the whole set.
create view hourloom.held_back as
select made.asset, made.partition, made.load_id, source_key, line, reason, detail, excerpt
from hourloom.quarantine
join hourloom.materialization as made using (load_id, asset)
where made.visible
union all
select made.asset, made.partition, made.load_id, source_key, line, reason, detail, '' as excerpt
from hourloom.ruling
join hourloom.materialization as made using (load_id, asset)
where made.visible;
