-- Answers of /v1/responses, and the conversations that they belong to: each keeps what it was asked and what it answered, and names the one before it.
CREATE TABLE responses (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  previous TEXT,
  response TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX responses_by_expiry ON responses (expires_at);

CREATE TABLE response_items (
  tenant TEXT NOT NULL,
  response TEXT NOT NULL,
  -- Within the response: what it was asked, then what it answered.
  place INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  id TEXT NOT NULL,
  item TEXT NOT NULL,
  PRIMARY KEY (tenant, response, place)
);
CREATE INDEX response_items_by_id ON response_items (tenant, id);
