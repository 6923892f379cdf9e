-- 0002 took every version above the one that a name was rolled back to for withdrawn, also a candidate that was stored since. Once it passes its gate, the name moves forward to it.
UPDATE adapter_versions SET withdrawn = 0 WHERE candidate = 1 AND withdrawn = 1 AND EXISTS (
  SELECT 1 FROM adapter_aliases AS back
  WHERE back.tenant = adapter_versions.tenant AND back.name = adapter_versions.name AND back.alias = 'latest' AND back.updated_at <= adapter_versions.created_at
);
