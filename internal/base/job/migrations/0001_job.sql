-- +goose Up
CREATE TABLE job_job (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  args {{json}} NOT NULL,
  state TEXT NOT NULL,          -- ready, run, done, dead
  due_ms BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  lease_ms BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX job_job_due ON job_job (due_ms) WHERE state IN ('ready', 'run');
CREATE INDEX job_job_state ON job_job (state, created_ms);
