-- A paused job is unfinished: what it needs is kept.
DROP INDEX jobs_unfinished;
CREATE INDEX jobs_unfinished ON jobs (status) WHERE status IN ('validating_files', 'queued', 'running', 'paused');
