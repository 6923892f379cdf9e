-- A candidate is a version that its publish gate has not passed: the bare name never means it.
ALTER TABLE adapter_versions ADD COLUMN candidate INTEGER NOT NULL DEFAULT 0;
-- What the gate found, JSON; null where there is no gate.
ALTER TABLE adapter_versions ADD COLUMN gate TEXT;
-- A detached signature over the digest, JSON: who signed, and the signature.
ALTER TABLE adapter_versions ADD COLUMN signature TEXT;

-- Names for versions that move. The alias "latest" is here only after a rollback: the bare name then means no version above its own.
CREATE TABLE adapter_aliases (
  tenant      TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  alias       TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  etag        TEXT    NOT NULL,            -- another at every move, so that a move from here to there and back is seen
  updated_at  INTEGER NOT NULL,            -- seconds
  PRIMARY KEY (tenant, name, alias)
) WITHOUT ROWID;

-- Public keys whose signatures a tenant trusts, beside those of weft.config.ts.
CREATE TABLE signing_keys (
  tenant      TEXT    NOT NULL,
  id          TEXT    NOT NULL,            -- ed25519:<public key>
  name        TEXT,                        -- what a person calls it
  expires_at  INTEGER,                     -- seconds; what was published until then stays trusted
  created_at  INTEGER NOT NULL,            -- seconds
  PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
