-- +goose Up
-- The work that waits, each piece with the post it waits at: one for a step in sequence, several in a parallel step or a countersign. Closed ones stay:
-- whoever had a part of a case may still read it.
CREATE TABLE cases_task (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  step TEXT NOT NULL,
  step_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  post TEXT NOT NULL,
  staff TEXT NOT NULL,             -- who took it up
  at_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,          -- of the step's own limit
  closed_ms BIGINT NOT NULL,       -- 0 while it waits
  outcome TEXT NOT NULL
);
CREATE INDEX cases_task_open ON cases_task (post, case_id) WHERE closed_ms = 0;
CREATE INDEX cases_task_case ON cases_task (case_id, post);
INSERT INTO cases_task (id, case_id, step, step_name, kind, post, staff, at_ms, due_ms, closed_ms, outcome)
  SELECT id || ':' || step, id, step, step_name, step_kind, post, taken_by, updated_ms, step_due_ms, 0, ''
  FROM cases_case WHERE step <> '' AND state IN ('submitted', 'received', 'correction', 'accepted', 'reviewing', 'suspended', 'decided', 'certified');
