-- A version that its name was rolled back from: the bare name never goes back to it by itself, whatever is published and deleted since.
ALTER TABLE adapter_versions ADD COLUMN withdrawn BIGINT NOT NULL DEFAULT 0;
UPDATE adapter_versions SET withdrawn = 1 WHERE EXISTS (
  SELECT 1 FROM adapter_aliases AS back
  WHERE back.tenant = adapter_versions.tenant AND back.name = adapter_versions.name AND back.alias = 'latest' AND back.version < adapter_versions.version
);
