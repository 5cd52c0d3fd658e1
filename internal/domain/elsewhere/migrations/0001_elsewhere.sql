-- +goose Up
CREATE TABLE elsewhere_system (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  url TEXT NOT NULL,              -- of its API, without a slash at the end
  secret {{blob}} NOT NULL,       -- shared, for the signatures of both sides
  park_ms BIGINT NOT NULL,        -- how long a message is tried
  gap_ms BIGINT NOT NULL,         -- how long an event waits for the ones before it
  disabled {{bool}} NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);

CREATE TABLE elsewhere_out (
  id TEXT PRIMARY KEY,            -- of the message: the event that caused it
  system TEXT NOT NULL,
  case_id TEXT NOT NULL,
  case_no TEXT NOT NULL,
  kind TEXT NOT NULL,
  round INTEGER NOT NULL,
  at_ms BIGINT NOT NULL,          -- when it happened here: the order of a case's messages
  state TEXT NOT NULL,            -- waiting, sent, parked, dropped
  tries INTEGER NOT NULL,
  reason TEXT NOT NULL,           -- text key of why it was not taken
  detail TEXT NOT NULL,           -- the other side's status; no personal data
  since_ms BIGINT NOT NULL,       -- since when it is tried
  sent_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX elsewhere_out_case ON elsewhere_out (system, case_id, at_ms, id);
CREATE INDEX elsewhere_out_state ON elsewhere_out (state, created_ms, id);

CREATE TABLE elsewhere_in (
  id TEXT PRIMARY KEY,
  system TEXT NOT NULL,
  message_id TEXT NOT NULL,
  case_id TEXT NOT NULL,          -- as the message says, or as an operator put right
  case_no TEXT NOT NULL,
  kind TEXT NOT NULL,
  seq BIGINT NOT NULL,            -- of the other side, from 1 for each case; 0: it counts none
  at_ms BIGINT NOT NULL,          -- when it happened there
  body {{blob}} NOT NULL,         -- as received
  state TEXT NOT NULL,            -- waiting, applied, parked, dropped
  reason TEXT NOT NULL,           -- text key
  reason_zh TEXT NOT NULL,        -- in words, as of then
  reason_en TEXT NOT NULL,
  gap TEXT NOT NULL,              -- numbers before it that had not come when it was applied
  received_ms BIGINT NOT NULL,
  applied_ms BIGINT NOT NULL,
  UNIQUE (system, message_id)
);
CREATE INDEX elsewhere_in_case ON elsewhere_in (system, case_id, seq, at_ms);
CREATE INDEX elsewhere_in_state ON elsewhere_in (state, received_ms, id);

CREATE TABLE elsewhere_run (
  system TEXT NOT NULL,
  day TEXT NOT NULL,
  started_ms BIGINT NOT NULL,
  ended_ms BIGINT NOT NULL,       -- 0: the other side could not be reached
  ours INTEGER NOT NULL,
  theirs INTEGER NOT NULL,
  found INTEGER NOT NULL,
  asked INTEGER NOT NULL,         -- messages sent or fetched again
  reason TEXT NOT NULL,
  PRIMARY KEY (system, day)
);

CREATE TABLE elsewhere_difference (
  id TEXT PRIMARY KEY,
  system TEXT NOT NULL,
  case_id TEXT NOT NULL,
  case_no TEXT NOT NULL,
  kind TEXT NOT NULL,
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  found_ms BIGINT NOT NULL,
  seen_ms BIGINT NOT NULL,
  closed_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX elsewhere_difference_open ON elsewhere_difference (system, case_no, kind) WHERE closed_ms = 0;
