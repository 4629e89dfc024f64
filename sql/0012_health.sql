-- How each asset is, as it was last looked at, and what of that was told by webhook. `change` rises whenever the state
-- becomes another; `told_change` follows when a receiver has taken it, or when there is nothing to tell. One row for an
-- asset, so that after an outage of the receiver the latest state alone is told.
-- An `asset` without a slash is a pipeline: failing while its breaker holds it.
create table hourloom.health (
  asset        text not null,
  state        text not null,
  why          text not null,
  partition    text,
  change       bigint not null,
  changed_at   timestamptz not null,
  looked_at    timestamptz not null,

  told_state   text not null,
  told_change  bigint not null,
  -- Tries of the latest change that a receiver did not take, and how the last one ended.
  attempts     integer not null,
  next_try_at  timestamptz not null,
  last_problem text,

  constraint health_one_per_asset
    primary key (asset),
  constraint health_state_is_known
    check (state in ('unknown', 'healthy', 'warning', 'failing')
      and told_state in ('unknown', 'healthy', 'warning', 'failing')),
  constraint health_told_what_was
    check (change > 0 and told_change between 0 and change),
  constraint health_attempts_not_negative
    check (attempts >= 0),
  constraint health_texts_are_small
    check (char_length(why) <= 1000 and char_length(last_problem) <= 500)
);

-- What waits to be told: almost always nothing.
create index health_untold on hourloom.health (next_try_at) where told_change < change;
