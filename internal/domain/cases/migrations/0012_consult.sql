-- +goose Up
-- What posts of other agencies were asked about a case, by a step of its flow or by the officer who handles it. Question and answer are sealed.
CREATE TABLE cases_consult (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  step TEXT NOT NULL,              -- that asks
  post TEXT NOT NULL,              -- that is asked
  in_flow {{bool}} NOT NULL,       -- the step is the question itself
  wait {{bool}} NOT NULL,          -- the step is not done without it
  silence TEXT NOT NULL,           -- what it means that nobody answers: '' waits, agree, none
  actor TEXT NOT NULL,
  question {{blob}},
  at_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  silent_ms BIGINT NOT NULL,       -- when silence took the place of the answer
  answered_ms BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  answer {{blob}},
  answered_by TEXT NOT NULL,
  on_behalf TEXT NOT NULL,
  withdrawn_ms BIGINT NOT NULL,
  closed_ms BIGINT NOT NULL        -- when nobody waits for it any more; 0 while it can be answered
);
CREATE INDEX cases_consult_case ON cases_consult (case_id, at_ms);
CREATE INDEX cases_consult_open ON cases_consult (post, case_id) WHERE closed_ms = 0;
CREATE INDEX cases_task_staff ON cases_task (staff, closed_ms) WHERE staff <> '';
