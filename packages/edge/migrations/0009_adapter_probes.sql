CREATE TABLE adapter_probes (
  tenant     TEXT    NOT NULL,
  digest     TEXT    NOT NULL,             -- sha256:<hex> of the adapter's file
  probes     TEXT    NOT NULL,             -- inputs without answers, a JSON array
  created_at INTEGER NOT NULL,             -- seconds
  PRIMARY KEY (tenant, digest)
) WITHOUT ROWID;
