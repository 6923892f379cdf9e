-- PostgreSQL's text has no U+0000, and JSON as the stores keep it may: as an escape, "\u0000", over which its own functions fail, whatever they are asked for.
-- Where JSON is looked into, the character reads as U+FFFD; what is kept stays as it was written.
CREATE FUNCTION json_readable(document TEXT) RETURNS JSON LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT (CASE WHEN strpos(document, '\u0000') = 0 THEN document ELSE regexp_replace(document, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END)::json $$;
CREATE OR REPLACE FUNCTION json_member(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT CASE WHEN path LIKE '$.%' THEN json_readable(document) #>> string_to_array(substr(path, 3), '.') ELSE json_readable(document) ->> path END $$;
CREATE OR REPLACE FUNCTION json_each(document TEXT) RETURNS TABLE (key BIGINT, value TEXT) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT place - 1, element #>> '{}' FROM json_array_elements(json_readable(document)) WITH ORDINALITY AS elements (element, place) $$;
-- A member of the object itself, behind those that it has, as SQLite adds one: the rest is not read. Of a member that is there twice, the last counts.
CREATE OR REPLACE FUNCTION json_set(document TEXT, path TEXT, value BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT regexp_replace(document, '\}\s*$', ',' || to_json(substr(path, 3)) || ':' || value || '}') $$;
