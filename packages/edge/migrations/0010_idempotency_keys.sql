-- What a request with an idempotency key was answered: the same request gets it again. Without a status, the first one is still being answered.
CREATE TABLE idempotency_keys (
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  -- The digest of the request: who asked, what, with which body.
  request TEXT NOT NULL,
  status INTEGER,
  body TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (tenant, created_at);
