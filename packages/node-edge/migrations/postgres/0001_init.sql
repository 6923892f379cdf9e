-- The edge's tables as the migrations of SQLite leave them, and what a host on Node keeps beside. Text compares by its bytes, as in SQLite.

-- The part of SQLite's JSON that the stores' statements use. JSON is kept as it was written, in text.
CREATE FUNCTION json_member(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN path LIKE '$.%' THEN document::json #>> string_to_array(substr(path, 3), '.') ELSE document::json ->> path END $$;
CREATE OPERATOR ->> (LEFTARG = TEXT, RIGHTARG = TEXT, FUNCTION = json_member);
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT json_member(document, path) $$;
CREATE FUNCTION json_each(document TEXT) RETURNS TABLE (key BIGINT, value TEXT) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT place - 1, element #>> '{}' FROM json_array_elements(document::json) WITH ORDINALITY AS elements (element, place) $$;
CREATE FUNCTION json_each(document TEXT, path TEXT) RETURNS TABLE (key BIGINT, value TEXT) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT * FROM json_each(json_member(document, path)) $$;
CREATE FUNCTION json_array_length(document TEXT, path TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT json_array_length(json_member(document, path)::json)::bigint $$;
CREATE FUNCTION json_set(document TEXT, path TEXT, value BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT jsonb_set(document::jsonb, string_to_array(substr(path, 3), '.'), to_jsonb(value))::text $$;
CREATE FUNCTION instr(whole TEXT, part TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT strpos(whole, part)::bigint $$;

CREATE TABLE adapter_versions (
  tenant TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  bytes BIGINT NOT NULL,
  manifest TEXT COLLATE "C" NOT NULL,
  job_id TEXT COLLATE "C" UNIQUE,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT,
  candidate BIGINT NOT NULL DEFAULT 0,
  gate TEXT COLLATE "C",
  signature TEXT COLLATE "C",
  PRIMARY KEY (tenant, name, version)
);
CREATE TABLE adapter_aliases (
  tenant TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  alias TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  etag TEXT COLLATE "C" NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, name, alias)
);
CREATE TABLE adapter_probes (
  tenant TEXT COLLATE "C" NOT NULL,
  digest TEXT COLLATE "C" NOT NULL,
  probes TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, digest)
);
CREATE TABLE files (
  id TEXT COLLATE "C" NOT NULL,
  file TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL DEFAULT 'default',
  PRIMARY KEY (id)
);
CREATE TABLE jobs (
  id TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  job TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL DEFAULT 'default',
  PRIMARY KEY (id)
);
CREATE TABLE batches (
  id TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  record TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE routes (
  tenant TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  route TEXT COLLATE "C" NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, name)
);
CREATE TABLE route_versions (
  tenant TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  route TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, name, version)
);
CREATE TABLE calibrations (
  tenant TEXT COLLATE "C" NOT NULL,
  composition TEXT COLLATE "C" NOT NULL,
  choices TEXT COLLATE "C" NOT NULL,
  calibration TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, composition, choices)
);
CREATE TABLE keys (
  id TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  hash TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  scopes TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  rotated_to TEXT COLLATE "C",
  used_at BIGINT,
  PRIMARY KEY (id)
);
CREATE TABLE shares (
  owner TEXT COLLATE "C" NOT NULL,
  prefix TEXT COLLATE "C" NOT NULL,
  reader TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (owner, prefix, reader)
);
CREATE TABLE audit (
  tenant TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  principal TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  object TEXT COLLATE "C" NOT NULL,
  before TEXT COLLATE "C",
  after TEXT COLLATE "C",
  request_id TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, seq)
);
CREATE TABLE signing_keys (
  tenant TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  expires_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE TABLE tenant_policies (
  tenant TEXT COLLATE "C" NOT NULL,
  policy TEXT COLLATE "C" NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant)
);
CREATE TABLE usage (
  tenant TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  route TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  variant TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  requests BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  limited BIGINT NOT NULL,
  prompt_tokens BIGINT NOT NULL,
  completion_tokens BIGINT NOT NULL,
  total_ms BIGINT NOT NULL,
  streamed BIGINT NOT NULL,
  first_token_ms BIGINT NOT NULL,
  PRIMARY KEY (tenant, day, route, version, variant, kind)
);
CREATE TABLE responses (
  tenant TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  previous TEXT COLLATE "C",
  response TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE TABLE response_items (
  tenant TEXT COLLATE "C" NOT NULL,
  response TEXT COLLATE "C" NOT NULL,
  place BIGINT NOT NULL,
  answered BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  item TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, response, place)
);
CREATE TABLE idempotency_keys (
  tenant TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  request TEXT COLLATE "C" NOT NULL,
  status BIGINT,
  body TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, key)
);
CREATE TABLE hosted (
  kind TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  open BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE TABLE job_events (
  job TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  data TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  PRIMARY KEY (job, seq)
);
CREATE TABLE batch_results (
  batch TEXT COLLATE "C" NOT NULL,
  line BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  bytes BIGINT NOT NULL,
  content TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (batch, line)
);
CREATE TABLE limits (
  tenant TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, kind, key)
);
CREATE TABLE settings (
  name TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (name)
);

CREATE INDEX adapter_versions_by_digest ON adapter_versions (tenant, digest);
CREATE INDEX files_by_time ON files (tenant, created_at DESC, id DESC);
CREATE INDEX jobs_by_time ON jobs (tenant, created_at DESC, id DESC);
CREATE INDEX jobs_unfinished ON jobs (status) WHERE status IN ('validating_files', 'queued', 'running', 'paused');
CREATE INDEX batches_by_time ON batches (tenant, created_at DESC, id DESC);
CREATE INDEX batches_unfinished ON batches (status) WHERE status IN ('validating', 'in_progress', 'finalizing', 'cancelling');
CREATE INDEX keys_by_time ON keys (tenant, created_at DESC, id DESC);
CREATE INDEX shares_by_reader ON shares (reader);
CREATE INDEX usage_of_routes ON usage (tenant, route, day);
CREATE INDEX responses_by_expiry ON responses (expires_at);
CREATE INDEX response_items_by_id ON response_items (tenant, id);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (tenant, created_at);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_is_as_written BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
