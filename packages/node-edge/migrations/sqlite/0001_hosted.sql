-- What a Durable Object keeps on Cloudflare. A job's or a batch's own memory; it is open while something is still to be done.
CREATE TABLE hosted (
  kind        TEXT    NOT NULL,            -- job, batch
  id          TEXT    NOT NULL,
  state       TEXT    NOT NULL,            -- JSON
  open        INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE job_events (
  job         TEXT    NOT NULL,
  seq         INTEGER NOT NULL,
  level       TEXT    NOT NULL,
  type        TEXT    NOT NULL,
  message     TEXT    NOT NULL,
  data        TEXT,                        -- JSON
  created_at  INTEGER NOT NULL,            -- seconds
  PRIMARY KEY (job, seq)
) WITHOUT ROWID;

-- What a batch's lines were answered, until that is a file.
CREATE TABLE batch_results (
  batch       TEXT    NOT NULL,
  line        INTEGER NOT NULL,
  outcome     TEXT    NOT NULL,            -- output, error
  bytes       INTEGER NOT NULL,
  content     TEXT    NOT NULL,
  PRIMARY KEY (batch, line)
);

-- What tenants' limits remember.
CREATE TABLE limits (
  tenant      TEXT    NOT NULL,
  kind        TEXT    NOT NULL,            -- bucket, spent, lease
  key         TEXT    NOT NULL,
  value       TEXT    NOT NULL,            -- JSON
  PRIMARY KEY (tenant, kind, key)
) WITHOUT ROWID;

CREATE TABLE settings (
  name        TEXT    PRIMARY KEY,         -- first_key_sha256, deployment_id
  value       TEXT    NOT NULL
) WITHOUT ROWID;
