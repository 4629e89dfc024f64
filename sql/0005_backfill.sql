-- What was asked for once, by its request id, and what of it fell to this backfill: windows that an open backfill of
-- the same pipeline has already are left to that one.
--
--   accepted -> running <-> paused -> done | cancelled | failed      (from any open state to any that is over)
--
-- The state is for people and for the next request; what is made is the ledger's to say.
create table hourloom.backfill (
  id         text not null,
  pipeline   text not null,
  asked      jsonb not null,
  ranges     jsonb not null,
  state      text not null,
  counts     jsonb not null,
  created_at timestamptz not null,
  ended_at   timestamptz,

  constraint backfill_once
    primary key (id),
  constraint backfill_id_is_small
    check (octet_length(id) between 1 and 200),
  constraint backfill_asked_is_small_object
    check (jsonb_typeof(asked) = 'object' and octet_length(asked::text) <= 100000),
  constraint backfill_ranges_is_list
    check (jsonb_typeof(ranges) = 'array'),
  constraint backfill_state_is_known
    check (state in ('accepted', 'running', 'paused', 'done', 'cancelled', 'failed')),
  constraint backfill_counts_is_small_object
    check (jsonb_typeof(counts) = 'object' and octet_length(counts::text) <= 1000),
  constraint backfill_has_ended_or_is_open
    check ((ended_at is null) = (state in ('accepted', 'running', 'paused')))
);

-- What a new request must leave to others.
create index backfill_open
  on hourloom.backfill (pipeline)
  where ended_at is null;

-- How often a partition failed since its last publish: reconcile waits the longer, the more often it was.
alter table hourloom.last_failure
  add column run_id text,
  add column attempts integer not null default 1,
  add constraint last_failure_attempts_is_positive
    check (attempts > 0);

alter table hourloom.last_failure
  alter column attempts drop default;
