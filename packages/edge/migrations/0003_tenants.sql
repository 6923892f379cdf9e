-- Everything belongs to a tenant. What was there before belongs to the default one.
CREATE TABLE adapter_versions_of_tenants (
  tenant      TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  digest      TEXT    NOT NULL,            -- sha256:<hex> of the file; with the tenant, the file's key in R2
  bytes       INTEGER NOT NULL,
  manifest    TEXT    NOT NULL,            -- the file's manifest, JSON
  job_id      TEXT    UNIQUE,              -- a job publishes once, however often its last step is repeated
  created_at  INTEGER NOT NULL,            -- seconds
  deleted_at  INTEGER,
  PRIMARY KEY (tenant, name, version)
) WITHOUT ROWID;
INSERT INTO adapter_versions_of_tenants
  SELECT 'default', name, version, digest, bytes, manifest, job_id, created_at, deleted_at FROM adapter_versions;
DROP TABLE adapter_versions;
ALTER TABLE adapter_versions_of_tenants RENAME TO adapter_versions;
CREATE INDEX adapter_versions_by_digest ON adapter_versions (tenant, digest);

CREATE TABLE routes_of_tenants (
  tenant      TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  route       TEXT    NOT NULL,            -- JSON
  updated_at  INTEGER NOT NULL,
  PRIMARY KEY (tenant, name)
) WITHOUT ROWID;
INSERT INTO routes_of_tenants SELECT 'default', name, route, updated_at FROM routes;
DROP TABLE routes;
ALTER TABLE routes_of_tenants RENAME TO routes;

CREATE TABLE calibrations_of_tenants (
  tenant      TEXT    NOT NULL,
  composition TEXT    NOT NULL,            -- sha256:<hex>, the composition's key
  choices     TEXT    NOT NULL,            -- what inputs are answered with, JSON; [] where a head has the labels
  calibration TEXT    NOT NULL,            -- what /v1/calibrations says of it, JSON
  created_at  INTEGER NOT NULL,            -- seconds
  PRIMARY KEY (tenant, composition, choices)
) WITHOUT ROWID;
INSERT INTO calibrations_of_tenants SELECT 'default', composition, choices, calibration, created_at FROM calibrations;
DROP TABLE calibrations;
ALTER TABLE calibrations_of_tenants RENAME TO calibrations;

ALTER TABLE files ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
CREATE INDEX files_by_time ON files (tenant, created_at DESC, id DESC);

ALTER TABLE jobs ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
DROP INDEX jobs_by_time;
CREATE INDEX jobs_by_time ON jobs (tenant, created_at DESC, id DESC);

CREATE TABLE keys (
  id          TEXT    PRIMARY KEY,         -- the visible part of the secret
  tenant      TEXT    NOT NULL,
  hash        TEXT    NOT NULL,            -- sha256 of the whole secret, in hex; the secret itself is nowhere
  role        TEXT    NOT NULL,
  name        TEXT,                        -- what a person calls it
  scopes      TEXT    NOT NULL,            -- JSON, a list
  created_at  INTEGER NOT NULL,            -- seconds
  expires_at  INTEGER,
  revoked_at  INTEGER,
  rotated_to  TEXT,                        -- the key that replaced it
  used_at     INTEGER
) WITHOUT ROWID;
CREATE INDEX keys_by_time ON keys (tenant, created_at DESC, id DESC);

CREATE TABLE shares (
  owner       TEXT    NOT NULL,            -- the tenant whose names they are
  prefix      TEXT    NOT NULL,            -- of names: style/
  reader      TEXT    NOT NULL,            -- the tenant that may read them; * is every one
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (owner, prefix, reader)
) WITHOUT ROWID;
CREATE INDEX shares_by_reader ON shares (reader);

-- Every change, in the order in which it was made. Rows are only ever added. Each tenant counts its own: what others do is not to be told by a gap.
CREATE TABLE audit (
  tenant      TEXT    NOT NULL,
  seq         INTEGER NOT NULL,
  principal   TEXT    NOT NULL,            -- a key's id, a token's subject, or a job's id
  action      TEXT    NOT NULL,            -- adapter.publish
  object      TEXT    NOT NULL,            -- style/speech@2
  before      TEXT,                        -- a digest
  after       TEXT,
  request_id  TEXT,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_as_written BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
