-- What the failed run tried: its input and code as one digest. What cannot succeed is not tried again before it changes.
-- Null where the run did not get to know, or ended before this was kept.
alter table hourloom.last_failure
  add column tried bytea,
  add constraint last_failure_tried_is_sha256
    check (octet_length(tried) = 32);
