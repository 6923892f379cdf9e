-- The jobs of a settlement share its id, and are found by it.
CREATE INDEX jobs_settled ON jobs (tenant, job ->> '$.job.joint') WHERE job ->> '$.job.settles' IS NOT NULL;
