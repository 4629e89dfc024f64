-- The ledger: one row for each committed making of one asset's partition. It says what is, never what is being tried.
-- A row is written visible, in the transaction that writes its data. A later making of the same partition turns it
-- invisible and removes its data; the row stays as history. The same load may write its row again with more counts.
create table hourloom.materialization (
  load_id      bigint not null,
  pipeline     text not null,
  asset        text not null,
  partition    timestamptz not null,
  input_digest bytea not null,
  code_version bytea not null,
  row_count    bigint not null,
  counts       jsonb not null,
  object_key   text,
  visible      boolean not null,
  published_at timestamptz not null,

  constraint materialization_one_per_load
    primary key (asset, partition, load_id),
  constraint materialization_load_id_is_positive
    check (load_id > 0),
  constraint materialization_input_digest_is_sha256
    check (octet_length(input_digest) = 32),
  constraint materialization_code_version_is_sha256
    check (octet_length(code_version) = 32),
  constraint materialization_row_count_not_negative
    check (row_count >= 0),
  constraint materialization_counts_is_small_object
    check (jsonb_typeof(counts) = 'object' and octet_length(counts::text) <= 400),
  constraint materialization_object_key_is_small
    check (octet_length(object_key) between 1 and 256)
);

-- At most one materialization of a partition can be seen. The included columns answer an asset's status without the table.
create unique index materialization_one_visible
  on hourloom.materialization (asset, partition)
  include (code_version, row_count)
  where visible;

-- What a publish replaces and what a retry asks: all that is visible of one pipeline's partition.
create index materialization_visible_of_partition
  on hourloom.materialization (pipeline, partition)
  where visible;
