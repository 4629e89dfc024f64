-- Which worker's code is the newest: each start of a worker with code that is not the newest of an asset raises it.
create sequence hourloom.deploy_number as bigint maxvalue 9007199254740991;

-- One row for each code version of an asset that a worker was started with. The version with the highest number counts:
-- workers of an older one publish nothing of the asset any more.
create table hourloom.deploy (
  asset           text not null,
  code_version    bytea not null,
  number          bigint not null,
  -- What the version is the hash of, so that a change can be said in words.
  code            jsonb not null,
  -- Of the text of the asset's functions; null where it has none.
  function_digest bytea,
  deployed_at     timestamptz not null,

  constraint deploy_one_per_version primary key (asset, code_version),
  constraint deploy_code_version_is_sha256
    check (octet_length(code_version) = 32),
  constraint deploy_function_digest_is_sha256
    check (octet_length(function_digest) = 32),
  constraint deploy_number_is_positive
    check (number > 0),
  constraint deploy_code_is_small_object
    check (jsonb_typeof(code) = 'object' and octet_length(code::text) <= 65536)
);

-- Every publish asks for an asset's newest version.
create unique index deploy_newest
  on hourloom.deploy (asset, number desc) include (code_version);

-- Windows with rejected files are few among many: finding them must not read the others.
create index materialization_rejected
  on hourloom.materialization (asset, partition)
  where visible and (counts ->> 'rejected')::bigint > 0;
