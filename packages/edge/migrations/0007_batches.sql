CREATE TABLE batches (
  id          TEXT    PRIMARY KEY,
  tenant      TEXT    NOT NULL,
  status      TEXT    NOT NULL,
  record      TEXT    NOT NULL,            -- what /v1/batches says of it, who asked, and the models that its requests name, JSON
  created_at  INTEGER NOT NULL             -- seconds
) WITHOUT ROWID;
CREATE INDEX batches_by_time ON batches (tenant, created_at DESC, id DESC);
CREATE INDEX batches_unfinished ON batches (status) WHERE status IN ('validating', 'in_progress', 'finalizing', 'cancelling');
