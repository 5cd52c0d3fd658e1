-- +goose Up
CREATE TABLE credit_entry (
  id TEXT PRIMARY KEY,
  subject TEXT NOT NULL,        -- blind index of the number
  kind TEXT NOT NULL,           -- person, firm
  who {{blob}} NOT NULL,        -- sealed: name and number
  said {{blob}} NOT NULL,       -- sealed: reason and basis
  ground TEXT NOT NULL,
  agency TEXT NOT NULL,         -- key; empty for one of a list
  decided_by TEXT NOT NULL,     -- name of the authority
  source TEXT NOT NULL,         -- decision, import
  ref TEXT NOT NULL,
  case_id TEXT NOT NULL,
  paper_id TEXT NOT NULL,
  person_id TEXT NOT NULL,      -- who is told
  entered_by TEXT NOT NULL,
  entered_ms BIGINT NOT NULL,
  from_date TEXT NOT NULL,
  until_date TEXT NOT NULL,     -- empty: until repaired
  state TEXT NOT NULL,          -- active, repaired, expired
  ended_ms BIGINT NOT NULL
);
CREATE INDEX credit_entry_subject ON credit_entry (subject, state);
CREATE INDEX credit_entry_agency ON credit_entry (agency, id);
CREATE INDEX credit_entry_until ON credit_entry (until_date) WHERE state = 'active';
-- One decision enters somebody once, and a list may be read in again.
CREATE UNIQUE INDEX credit_entry_once ON credit_entry (subject, source, decided_by, ground, ref);

CREATE TABLE credit_repair (
  id TEXT PRIMARY KEY,
  entry_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  text {{blob}} NOT NULL,       -- sealed
  at_ms BIGINT NOT NULL,
  state TEXT NOT NULL,          -- asked, granted, refused
  answer {{blob}},              -- sealed
  decided_by TEXT NOT NULL,
  decided_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX credit_repair_open ON credit_repair (entry_id) WHERE state = 'asked';
CREATE INDEX credit_repair_entry ON credit_repair (entry_id, id);
