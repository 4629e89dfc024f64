-- The daily pass over a source's whole prefix: what it saw of objects that belong to no window. A pipeline has at most
-- the last one that saw all, and one that is under way.
create table hourloom.survey (
  pipeline  text not null,
  whole     boolean not null,
  began_at  timestamptz not null,
  noted_at  timestamptz not null,
  -- Bytes, because a key may hold what no text can.
  after_key bytea,
  tally     jsonb not null,

  constraint survey_one_of_each
    primary key (pipeline, whole),
  constraint survey_is_whole_or_goes_on
    check (whole = (after_key is null)),
  constraint survey_after_key_is_small
    check (octet_length(after_key) between 1 and 1024),
  constraint survey_tally_is_small_object
    check (jsonb_typeof(tally) = 'object' and octet_length(tally::text) <= 4000000)
);
