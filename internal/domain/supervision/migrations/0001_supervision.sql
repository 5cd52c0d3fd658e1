-- +goose Up
CREATE TABLE supervision_watch (
  case_id TEXT PRIMARY KEY,
  case_no TEXT NOT NULL,
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  agency_name TEXT NOT NULL,
  item TEXT NOT NULL,
  item_name TEXT NOT NULL,
  status TEXT NOT NULL,         -- running, paused, ended
  due_ms BIGINT NOT NULL,       -- that binds now; 0 = none
  next_ms BIGINT NOT NULL,      -- when to look again; 0 = only when something happens
  facts {{json}} NOT NULL
);
CREATE INDEX supervision_watch_next ON supervision_watch (next_ms) WHERE next_ms > 0;
CREATE INDEX supervision_watch_region ON supervision_watch (region, status, due_ms);

CREATE TABLE supervision_alarm (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  case_id TEXT NOT NULL,
  occurrence TEXT NOT NULL,
  level TEXT NOT NULL,          -- yellow, red
  note TEXT NOT NULL,
  facts {{json}} NOT NULL,
  at_ms BIGINT NOT NULL,        -- when it came to be
  found_ms BIGINT NOT NULL,
  case_no TEXT NOT NULL,
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  agency_name TEXT NOT NULL,
  item_name TEXT NOT NULL,
  state TEXT NOT NULL,          -- open, explained
  explanation {{blob}},         -- sealed
  explained_ms BIGINT NOT NULL,
  explained_by TEXT NOT NULL,
  UNIQUE (rule, case_id, occurrence)
);
CREATE INDEX supervision_alarm_case ON supervision_alarm (case_id);
CREATE INDEX supervision_alarm_agency ON supervision_alarm (agency, state, id);
CREATE INDEX supervision_alarm_region ON supervision_alarm (region, state, id);
