-- +goose Up
CREATE TABLE talk_message (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  side TEXT NOT NULL,           -- applicant, officer
  author TEXT NOT NULL,         -- person:<id> or staff:<id>
  on_behalf TEXT NOT NULL,      -- whom an agent speaks for
  agency TEXT NOT NULL,         -- of an officer; of the case otherwise
  text {{blob}} NOT NULL,       -- sealed
  at_ms BIGINT NOT NULL,
  read_ms BIGINT NOT NULL,      -- first read by the other side; 0: not yet
  request TEXT NOT NULL,        -- what makes a double send harmless
  blob_id TEXT NOT NULL,        -- empty: no attachment
  file_name {{blob}},           -- sealed
  file_size BIGINT NOT NULL,
  file_mime TEXT NOT NULL,
  file_sm3 {{blob}}             -- sealed
);
CREATE UNIQUE INDEX talk_message_once ON talk_message (case_id, author, request);
CREATE INDEX talk_message_case ON talk_message (case_id, at_ms, id);
CREATE INDEX talk_message_unread ON talk_message (agency, side) WHERE read_ms = 0;

CREATE TABLE talk_urge (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  side TEXT NOT NULL,           -- applicant, supervisor
  ord INTEGER NOT NULL,         -- 1 for the first of that side
  author TEXT NOT NULL,
  on_behalf TEXT NOT NULL,
  agency TEXT NOT NULL,         -- that has to answer
  region TEXT NOT NULL,
  reason {{blob}},              -- sealed; none given: NULL
  at_ms BIGINT NOT NULL,
  due_ms BIGINT NOT NULL,       -- of the answer
  answer {{blob}},              -- sealed
  answered_by TEXT NOT NULL,
  answered_ms BIGINT NOT NULL,  -- 0: not yet
  missed_ms BIGINT NOT NULL,    -- when it was told that no answer came in time
  overtaken_ms BIGINT NOT NULL  -- the case ended first
);
CREATE UNIQUE INDEX talk_urge_once ON talk_urge (case_id, side, ord);
CREATE INDEX talk_urge_open ON talk_urge (agency, due_ms) WHERE answered_ms = 0 AND overtaken_ms = 0;

CREATE TABLE talk_copy (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  to_kind TEXT NOT NULL,        -- staff, post
  to_key TEXT NOT NULL,
  to_agency TEXT NOT NULL,
  reason {{blob}} NOT NULL,     -- sealed
  given_by TEXT NOT NULL,       -- staff id
  given_agency TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,     -- the first instant at which it no longer holds
  ended_ms BIGINT NOT NULL,     -- 0: holds until its term
  ended_by TEXT NOT NULL
);
CREATE UNIQUE INDEX talk_copy_once ON talk_copy (case_id, to_kind, to_key) WHERE ended_ms = 0;
CREATE INDEX talk_copy_to ON talk_copy (to_kind, to_key, until_ms) WHERE ended_ms = 0;
CREATE INDEX talk_copy_case ON talk_copy (case_id, at_ms);

CREATE TABLE talk_escalation (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  clock TEXT NOT NULL,
  due_ms BIGINT NOT NULL,       -- the deadline it is about
  told TEXT NOT NULL,           -- staff ids, by comma
  at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX talk_escalation_once ON talk_escalation (case_id, rule, due_ms);

CREATE TABLE talk_notice (
  id TEXT PRIMARY KEY,
  staff_id TEXT NOT NULL,
  ref TEXT NOT NULL,            -- the same thing is told once
  kind TEXT NOT NULL,
  case_id TEXT NOT NULL,
  words {{json}} NOT NULL,      -- case number, item, dates: nothing about the applicant
  link TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  read_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX talk_notice_once ON talk_notice (staff_id, ref);
CREATE INDEX talk_notice_staff ON talk_notice (staff_id, id);
CREATE INDEX talk_notice_unread ON talk_notice (staff_id) WHERE read_ms = 0;

CREATE TABLE talk_head (
  agency TEXT NOT NULL,
  post TEXT NOT NULL,           -- empty: of the whole agency
  staff_id TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_ms BIGINT NOT NULL,
  PRIMARY KEY (agency, post, staff_id)
);
