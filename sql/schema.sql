create sequence hourloom.deploy_number as bigint minvalue 1 maxvalue 9007199254740991 increment 1;

create sequence hourloom.erasure_audit_number_seq as bigint minvalue 1 maxvalue 9223372036854775807 increment 1;

create sequence hourloom.load_id as bigint minvalue 1 maxvalue 9007199254740991 increment 1;

create sequence hourloom.quarantine_number_seq as bigint minvalue 1 maxvalue 9223372036854775807 increment 1;

create table hourloom.attempt_note (
  pipeline text not null,
  partition timestamp with time zone not null,
  load_id bigint not null,
  step text not null,
  run_id text,
  failed boolean not null,
  meta jsonb,
  log_key text,
  log_size bigint,
  created_at timestamp with time zone not null,
  constraint attempt_note_load_id_not_negative CHECK ((load_id >= 0)),
  constraint attempt_note_log_is_whole CHECK (((log_key IS NULL) = (log_size IS NULL))),
  constraint attempt_note_log_key_is_small CHECK (((octet_length(log_key) >= 1) AND (octet_length(log_key) <= 256))),
  constraint attempt_note_meta_is_small_object CHECK (((jsonb_typeof(meta) = 'object'::text) AND (octet_length((meta)::text) <= 65536))),
  constraint attempt_note_one_per_step PRIMARY KEY (pipeline, partition, load_id, step),
  constraint attempt_note_step_is_known CHECK ((step = ANY (ARRAY['make'::text, 'run'::text])))
);

create table hourloom.backfill (
  id text not null,
  pipeline text not null,
  asked jsonb not null,
  ranges jsonb not null,
  state text not null,
  counts jsonb not null,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint backfill_asked_is_small_object CHECK (((jsonb_typeof(asked) = 'object'::text) AND (octet_length((asked)::text) <= 100000))),
  constraint backfill_counts_is_small_object CHECK (((jsonb_typeof(counts) = 'object'::text) AND (octet_length((counts)::text) <= 1000))),
  constraint backfill_has_ended_or_is_open CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['accepted'::text, 'running'::text, 'paused'::text])))),
  constraint backfill_id_is_small CHECK (((octet_length(id) >= 1) AND (octet_length(id) <= 200))),
  constraint backfill_once PRIMARY KEY (id),
  constraint backfill_ranges_is_list CHECK ((jsonb_typeof(ranges) = 'array'::text)),
  constraint backfill_state_is_known CHECK ((state = ANY (ARRAY['accepted'::text, 'running'::text, 'paused'::text, 'done'::text, 'cancelled'::text, 'failed'::text])))
);

create table hourloom.check_result (
  asset text not null,
  partition timestamp with time zone not null,
  load_id bigint not null,
  name text not null,
  blocking boolean not null,
  passed boolean not null,
  value double precision,
  detail text not null,
  checked_at timestamp with time zone not null,
  constraint check_result_detail_is_short CHECK ((length(detail) <= 2000)),
  constraint check_result_name_is_short CHECK (((length(name) >= 1) AND (length(name) <= 500))),
  constraint check_result_once PRIMARY KEY (asset, partition, load_id, name)
);

create table hourloom.deploy (
  asset text not null,
  code_version bytea not null,
  number bigint not null,
  code jsonb not null,
  function_digest bytea,
  deployed_at timestamp with time zone not null,
  constraint deploy_code_is_small_object CHECK (((jsonb_typeof(code) = 'object'::text) AND (octet_length((code)::text) <= 65536))),
  constraint deploy_code_version_is_sha256 CHECK ((octet_length(code_version) = 32)),
  constraint deploy_function_digest_is_sha256 CHECK ((octet_length(function_digest) = 32)),
  constraint deploy_number_is_positive CHECK ((number > 0)),
  constraint deploy_one_per_version PRIMARY KEY (asset, code_version)
);

create table hourloom.erasure (
  id uuid not null,
  pipelines jsonb not null,
  identifiers jsonb not null,
  state text not null,
  asked_at timestamp with time zone not null,
  execute_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  preview jsonb,
  counts jsonb,
  proof jsonb,
  constraint erasure_has_ended_or_is_open CHECK (((ended_at IS NULL) = (state <> 'done'::text))),
  constraint erasure_has_pipelines CHECK (((jsonb_typeof(pipelines) = 'array'::text) AND (jsonb_array_length(pipelines) > 0))),
  constraint erasure_identifiers_is_small_list CHECK (((jsonb_typeof(identifiers) = 'array'::text) AND (octet_length((identifiers)::text) <= 10000))),
  constraint erasure_once PRIMARY KEY (id),
  constraint erasure_state_is_known CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text])))
);

create table hourloom.erasure_audit (
  number bigint not null generated always as identity,
  erasure uuid not null,
  step text not null,
  actor text not null,
  counts jsonb not null,
  at timestamp with time zone not null,
  constraint erasure_audit_actor_is_small CHECK (((char_length(actor) >= 1) AND (char_length(actor) <= 200))),
  constraint erasure_audit_counts_is_small_object CHECK (((jsonb_typeof(counts) = 'object'::text) AND (octet_length((counts)::text) <= 4000))),
  constraint erasure_audit_in_order PRIMARY KEY (number),
  constraint erasure_audit_step_is_known CHECK ((step = ANY (ARRAY['asked'::text, 'preview'::text, 'suppressed'::text, 'hour'::text, 'done'::text])))
);

create table hourloom.fence (
  pipeline text not null,
  partition timestamp with time zone not null,
  fence bigint not null,
  backend_pid integer,
  backend_start timestamp with time zone,
  claimed_at timestamp with time zone not null,
  constraint fence_backend_whole_or_absent CHECK (((backend_pid IS NULL) = (backend_start IS NULL))),
  constraint fence_is_positive CHECK ((fence > 0)),
  constraint fence_one_per_partition PRIMARY KEY (pipeline, partition)
);

create table hourloom.health (
  asset text not null,
  state text not null,
  why text not null,
  partition text,
  change bigint not null,
  changed_at timestamp with time zone not null,
  looked_at timestamp with time zone not null,
  told_state text not null,
  told_change bigint not null,
  attempts integer not null,
  next_try_at timestamp with time zone not null,
  last_problem text,
  constraint health_attempts_not_negative CHECK ((attempts >= 0)),
  constraint health_one_per_asset PRIMARY KEY (asset),
  constraint health_state_is_known CHECK (((state = ANY (ARRAY['unknown'::text, 'healthy'::text, 'warning'::text, 'failing'::text])) AND (told_state = ANY (ARRAY['unknown'::text, 'healthy'::text, 'warning'::text, 'failing'::text])))),
  constraint health_texts_are_small CHECK (((char_length(why) <= 1000) AND (char_length(last_problem) <= 500))),
  constraint health_told_what_was CHECK (((change > 0) AND ((told_change >= 0) AND (told_change <= change))))
);

create table hourloom.last_failure (
  pipeline text not null,
  partition timestamp with time zone not null,
  reason text not null,
  retryable boolean not null,
  failed_at timestamp with time zone not null,
  run_id text,
  attempts integer not null,
  tried bytea,
  constraint last_failure_attempts_is_positive CHECK ((attempts > 0)),
  constraint last_failure_one_per_partition PRIMARY KEY (pipeline, partition),
  constraint last_failure_reason_is_small CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 2000))),
  constraint last_failure_tried_is_sha256 CHECK ((octet_length(tried) = 32))
);

create table hourloom.materialization (
  load_id bigint not null,
  pipeline text not null,
  asset text not null,
  partition timestamp with time zone not null,
  input_digest bytea not null,
  code_version bytea not null,
  row_count bigint not null,
  counts jsonb not null,
  object_key text,
  visible boolean not null,
  published_at timestamp with time zone not null,
  empty boolean not null generated always as ((COALESCE(((counts ->> 'listed'::text))::bigint, row_count) = 0)) stored,
  constraint materialization_code_version_is_sha256 CHECK ((octet_length(code_version) = 32)),
  constraint materialization_counts_is_small_object CHECK (((jsonb_typeof(counts) = 'object'::text) AND (octet_length((counts)::text) <= 400))),
  constraint materialization_input_digest_is_sha256 CHECK ((octet_length(input_digest) = 32)),
  constraint materialization_load_id_is_positive CHECK ((load_id > 0)),
  constraint materialization_object_key_is_small CHECK (((octet_length(object_key) >= 1) AND (octet_length(object_key) <= 256))),
  constraint materialization_one_per_load PRIMARY KEY (asset, partition, load_id),
  constraint materialization_row_count_not_negative CHECK ((row_count >= 0))
);

create table hourloom.migration (
  number integer not null,
  name text not null,
  digest bytea not null,
  applied_at timestamp with time zone not null,
  constraint migration_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
  constraint migration_number_is_positive CHECK ((number > 0)),
  constraint migration_once PRIMARY KEY (number)
);

create table hourloom.pool (
  name text not null,
  next_at timestamp with time zone not null,
  constraint pool_name_is_small CHECK (((octet_length(name) >= 1) AND (octet_length(name) <= 800))),
  constraint pool_once PRIMARY KEY (name)
);

create table hourloom.quarantine (
  load_id bigint not null default (current_setting('hourloom.load_id'::text))::bigint,
  number bigint not null generated always as identity,
  asset text not null,
  source_key text not null,
  line bigint not null,
  reason text not null,
  detail text not null,
  excerpt text not null,
  constraint quarantine_detail_is_small CHECK ((char_length(detail) <= 1000)),
  constraint quarantine_excerpt_is_small CHECK ((char_length(excerpt) <= 2000)),
  constraint quarantine_line_not_negative CHECK ((line >= 0)),
  constraint quarantine_number_per_load PRIMARY KEY (load_id, number),
  constraint quarantine_reason_is_code CHECK ((reason ~ '^[a-z][a-z0-9_]{0,62}$'::text))
);

create table hourloom.reference (
  load_id bigint not null,
  asset text not null,
  "column" text not null,
  targets integer[] not null,
  constraint reference_one_per_load PRIMARY KEY (load_id, asset, "column")
);

create table hourloom.ruled_partition (
  asset text not null,
  partition timestamp with time zone not null,
  ruling bigint not null,
  held bigint not null,
  ruled_at timestamp with time zone not null,
  constraint ruled_partition_held_not_negative CHECK ((held >= 0)),
  constraint ruled_partition_once PRIMARY KEY (asset, partition),
  constraint ruled_partition_ruling_is_positive CHECK ((ruling > 0))
);

create table hourloom.ruling (
  asset text not null,
  load_id bigint not null,
  id text not null,
  source_key text not null,
  line bigint not null,
  reason text not null,
  detail text not null,
  missing integer,
  constraint ruling_detail_is_small CHECK ((char_length(detail) <= 1000)),
  constraint ruling_missing_is_of_reference CHECK (((missing IS NULL) OR (reason = 'reference'::text))),
  constraint ruling_one_per_record PRIMARY KEY (asset, load_id, id),
  constraint ruling_reason_is_known CHECK ((reason = ANY (ARRAY['duplicate'::text, 'key_conflict'::text, 'reference'::text])))
);

create table hourloom.suppression (
  pipeline text not null,
  sequence bigint not null,
  key_id text not null,
  kind text not null,
  digest bytea not null,
  erasure uuid not null,
  created_at timestamp with time zone not null,
  constraint suppression_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
  constraint suppression_in_order PRIMARY KEY (pipeline, sequence),
  constraint suppression_key_id_is_small CHECK ((key_id ~ '^[A-Za-z0-9_.-]{1,40}$'::text)),
  constraint suppression_kind_is_known CHECK ((kind = ANY (ARRAY['id'::text, 'email'::text]))),
  constraint suppression_once UNIQUE (pipeline, key_id, kind, digest),
  constraint suppression_sequence_is_positive CHECK ((sequence > 0))
);

create table hourloom.survey (
  pipeline text not null,
  whole boolean not null,
  began_at timestamp with time zone not null,
  noted_at timestamp with time zone not null,
  after_key bytea,
  tally jsonb not null,
  constraint survey_after_key_is_small CHECK (((octet_length(after_key) >= 1) AND (octet_length(after_key) <= 1024))),
  constraint survey_is_whole_or_goes_on CHECK ((whole = (after_key IS NULL))),
  constraint survey_one_of_each PRIMARY KEY (pipeline, whole),
  constraint survey_tally_is_small_object CHECK (((jsonb_typeof(tally) = 'object'::text) AND (octet_length((tally)::text) <= 4000000)))
);

CREATE INDEX backfill_open ON hourloom.backfill USING btree (pipeline) WHERE (ended_at IS NULL);

CREATE INDEX check_result_failed ON hourloom.check_result USING btree (checked_at) WHERE (NOT passed);

CREATE UNIQUE INDEX deploy_newest ON hourloom.deploy USING btree (asset, number DESC) INCLUDE (code_version);

CREATE INDEX health_untold ON hourloom.health USING btree (next_try_at) WHERE (told_change < change);

CREATE INDEX materialization_empty ON hourloom.materialization USING btree (asset, partition) WHERE (visible AND empty);

CREATE INDEX materialization_of_load ON hourloom.materialization USING btree (load_id, asset) WHERE visible;

CREATE UNIQUE INDEX materialization_one_visible ON hourloom.materialization USING btree (asset, partition) INCLUDE (code_version, empty) WHERE visible;

CREATE INDEX materialization_quarantined ON hourloom.materialization USING btree (asset, partition) WHERE (visible AND (((counts ->> 'quarantined'::text))::bigint > 0));

CREATE INDEX materialization_rejected ON hourloom.materialization USING btree (asset, partition) WHERE (visible AND (((counts ->> 'rejected'::text))::bigint > 0));

CREATE INDEX materialization_visible_of_partition ON hourloom.materialization USING btree (pipeline, partition) WHERE visible;

CREATE INDEX reference_by_target ON hourloom.reference USING gin (targets) WITH (fastupdate=off);

CREATE INDEX ruled_partition_by_ruling ON hourloom.ruled_partition USING btree (ruling);

CREATE INDEX ruling_by_missing ON hourloom.ruling USING btree (asset, missing) WHERE (missing IS NOT NULL);

CREATE INDEX ruling_by_repeated_id ON hourloom.ruling USING btree (asset, id) WHERE (reason <> 'reference'::text);

create view hourloom.held_back as
 SELECT made.asset,
    made.partition,
    made.load_id,
    quarantine.source_key,
    quarantine.line,
    quarantine.reason,
    quarantine.detail,
    quarantine.excerpt
   FROM (quarantine
     JOIN materialization made USING (load_id, asset))
  WHERE made.visible
UNION ALL
 SELECT made.asset,
    made.partition,
    made.load_id,
    ruling.source_key,
    ruling.line,
    ruling.reason,
    ruling.detail,
    ''::text AS excerpt
   FROM (ruling
     JOIN materialization made USING (load_id, asset))
  WHERE made.visible;
