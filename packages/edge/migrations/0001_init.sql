-- One row per published version, forever: a number is never given twice, so deleting leaves the row and sets deleted_at.
CREATE TABLE adapter_versions (
  name        TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  digest      TEXT    NOT NULL,            -- sha256:<hex> of the file; the file's key in R2
  bytes       INTEGER NOT NULL,
  manifest    TEXT    NOT NULL,            -- the file's manifest, JSON
  job_id      TEXT    UNIQUE,              -- a job publishes once, however often its last step is repeated
  created_at  INTEGER NOT NULL,            -- seconds
  deleted_at  INTEGER,
  PRIMARY KEY (name, version)
) WITHOUT ROWID;
CREATE INDEX adapter_versions_by_digest ON adapter_versions (digest);

CREATE TABLE files (
  id          TEXT    PRIMARY KEY,
  file        TEXT    NOT NULL,            -- what /v1/files says of it, JSON
  created_at  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE jobs (
  id          TEXT    PRIMARY KEY,
  status      TEXT    NOT NULL,
  job         TEXT    NOT NULL,            -- what the outside sees and what a runner is told, JSON
  created_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_by_time ON jobs (created_at DESC, id DESC);
CREATE INDEX jobs_unfinished ON jobs (status) WHERE status IN ('validating_files', 'queued', 'running');

CREATE TABLE routes (
  name        TEXT    PRIMARY KEY,
  route       TEXT    NOT NULL,            -- JSON
  updated_at  INTEGER NOT NULL
) WITHOUT ROWID;
