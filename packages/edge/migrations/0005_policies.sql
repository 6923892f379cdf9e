-- Every version of every route, those of routes that are deleted since too: a number is never given twice.
CREATE TABLE route_versions (
  tenant      TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  route       TEXT    NOT NULL,            -- JSON
  created_at  INTEGER NOT NULL,            -- seconds
  PRIMARY KEY (tenant, name, version)
) WITHOUT ROWID;
UPDATE routes SET route = json_set(route, '$.version', 1);
INSERT INTO route_versions SELECT tenant, name, 1, route, updated_at FROM routes;

CREATE TABLE tenant_policies (
  tenant      TEXT    PRIMARY KEY,
  policy      TEXT    NOT NULL,            -- JSON
  updated_at  INTEGER NOT NULL             -- seconds
) WITHOUT ROWID;

-- What was asked and what it cost, summed up by day.
CREATE TABLE usage (
  tenant            TEXT    NOT NULL,
  day               TEXT    NOT NULL,      -- 2026-11-26, UTC
  route             TEXT    NOT NULL,      -- empty where a request named none
  version           INTEGER NOT NULL,      -- of the route
  variant           TEXT    NOT NULL,      -- empty where the route has none
  kind              TEXT    NOT NULL,      -- answer, twin, shadow
  requests          INTEGER NOT NULL,
  failed            INTEGER NOT NULL,
  limited           INTEGER NOT NULL,      -- of the failed, those that a limit turned away
  prompt_tokens     INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  total_ms          INTEGER NOT NULL,      -- of those that did not fail
  streamed          INTEGER NOT NULL,      -- of those, how many have a first token
  first_token_ms    INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, route, version, variant, kind)
) WITHOUT ROWID;
CREATE INDEX usage_of_routes ON usage (tenant, route, day);
