-- What persons are known by who are to be unknown, as keyed digests: nobody can read them, and whoever has the key can
-- tell whether a value is one of them. Rows stay for ever: they keep the source from bringing the person back.
-- `sequence` rises by one within a pipeline; what was merged before the latest of them is not published.
create table hourloom.suppression (
  pipeline   text not null,
  sequence   bigint not null,
  key_id     text not null,
  kind       text not null,
  digest     bytea not null,
  erasure    uuid not null,
  created_at timestamptz not null,

  constraint suppression_in_order
    primary key (pipeline, sequence),
  constraint suppression_once
    unique (pipeline, key_id, kind, digest),
  constraint suppression_sequence_is_positive
    check (sequence > 0),
  constraint suppression_kind_is_known
    check (kind in ('id', 'email')),
  constraint suppression_digest_is_sha256
    check (octet_length(digest) = 32),
  constraint suppression_key_id_is_small
    check (key_id ~ '^[A-Za-z0-9_.-]{1,40}$')
);

-- Requests for erasure. `identifiers` are keyed digests as above; whose they are is nowhere.
--
--     waiting ──(execute_at)──> running ──> done
create table hourloom.erasure (
  id          uuid not null,
  pipelines   jsonb not null,
  identifiers jsonb not null,
  state       text not null,
  asked_at    timestamptz not null,
  execute_at  timestamptz not null,
  ended_at    timestamptz,
  preview     jsonb,
  counts      jsonb,
  proof       jsonb,

  constraint erasure_once
    primary key (id),
  constraint erasure_state_is_known
    check (state in ('waiting', 'running', 'done')),
  constraint erasure_has_ended_or_is_open
    check ((ended_at is null) = (state <> 'done')),
  constraint erasure_identifiers_is_small_list
    check (jsonb_typeof(identifiers) = 'array' and octet_length(identifiers::text) <= 10000),
  constraint erasure_has_pipelines
    check (jsonb_typeof(pipelines) = 'array' and jsonb_array_length(pipelines) > 0)
);

-- What was done for each request, and by whom: never changed, never deleted.
create table hourloom.erasure_audit (
  number  bigint generated always as identity,
  erasure uuid not null,
  step    text not null,
  actor   text not null,
  counts  jsonb not null,
  at      timestamptz not null,

  constraint erasure_audit_in_order
    primary key (number),
  constraint erasure_audit_step_is_known
    check (step in ('asked', 'preview', 'suppressed', 'hour', 'done')),
  constraint erasure_audit_actor_is_small
    check (char_length(actor) between 1 and 200),
  constraint erasure_audit_counts_is_small_object
    check (jsonb_typeof(counts) = 'object' and octet_length(counts::text) <= 4000)
);

create function hourloom.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'hourloom.% is only added to', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger erasure_audit_is_only_added_to
before update or delete or truncate on hourloom.erasure_audit
for each statement execute function hourloom.refuse_change();
