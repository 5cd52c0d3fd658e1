-- +goose Up
CREATE TABLE rating_contact (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL,           -- online_submit, window_visit, decision
  occurrence TEXT NOT NULL,
  person TEXT NOT NULL,         -- blind index of the person who may rate
  agency TEXT NOT NULL,
  item TEXT NOT NULL,
  channel TEXT NOT NULL,        -- online, window
  at_ms BIGINT NOT NULL,
  UNIQUE (case_id, kind, occurrence)
);
CREATE INDEX rating_contact_agency ON rating_contact (agency, item);

CREATE TABLE rating_rating (
  id TEXT PRIMARY KEY,
  contact_id TEXT NOT NULL UNIQUE REFERENCES rating_contact (id), -- once per contact, whatever happens at the same time
  grade INTEGER NOT NULL CHECK (grade BETWEEN 1 AND 5),
  tags {{json}} NOT NULL,
  tags_version TEXT NOT NULL,
  text {{blob}},                -- sealed
  via TEXT NOT NULL,            -- pc, mobile
  at_ms BIGINT NOT NULL
);

CREATE TABLE rating_answer (
  rating_id TEXT PRIMARY KEY REFERENCES rating_rating (id),
  agency TEXT NOT NULL,
  state TEXT NOT NULL,          -- open, verified, answered
  verify_due_ms BIGINT NOT NULL,
  fix_due_ms BIGINT NOT NULL,
  finding TEXT NOT NULL,        -- clear, complex, no_basis
  verified_ms BIGINT NOT NULL,
  verified_by TEXT NOT NULL,
  text {{blob}},                -- sealed
  answered_ms BIGINT NOT NULL,
  answered_by TEXT NOT NULL
);
CREATE INDEX rating_answer_agency ON rating_answer (agency, fix_due_ms, rating_id);
