-- +goose Up
-- In whose post somebody acted who stood in for a colleague (代): staff:<id>, or empty.
ALTER TABLE cases_event ADD COLUMN on_behalf TEXT NOT NULL DEFAULT '';
ALTER TABLE cases_history ADD COLUMN on_behalf TEXT NOT NULL DEFAULT '';

CREATE TABLE cases_handout (             -- who fetched the result for the applicant, and on what
  case_id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,               -- of who took it
  body {{blob}} NOT NULL,                -- sealed: name, number, relation, basis
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
