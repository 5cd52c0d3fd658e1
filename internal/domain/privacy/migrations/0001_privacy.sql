-- +goose Up
CREATE TABLE privacy_complaint (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  subject TEXT NOT NULL,        -- blind index of the number the look was about
  access_id TEXT NOT NULL,      -- entry of the audit record
  text {{blob}} NOT NULL,       -- sealed
  state TEXT NOT NULL,          -- open, answered
  at_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,
  finding TEXT NOT NULL,        -- proper, improper
  answer {{blob}},              -- sealed
  answered_by TEXT NOT NULL,
  answered_ms BIGINT NOT NULL,
  UNIQUE (person_id, access_id)
);
CREATE INDEX privacy_complaint_state ON privacy_complaint (state, due_ms);

CREATE TABLE privacy_delay (
  id TEXT PRIMARY KEY,
  subject TEXT NOT NULL,        -- blind index of the number
  number {{blob}} NOT NULL,     -- sealed
  agency TEXT NOT NULL,
  staff {{json}} NOT NULL,
  basis {{blob}} NOT NULL,      -- sealed
  why {{blob}} NOT NULL,        -- sealed
  state TEXT NOT NULL,          -- proposed, active, refused, withdrawn, lifted
  proposed_by TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  until TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  from_ms BIGINT NOT NULL,
  reveal_ms BIGINT NOT NULL,
  CHECK (decided_by <> proposed_by)
);
CREATE INDEX privacy_delay_subject ON privacy_delay (subject);
