-- +goose Up
CREATE TABLE paper_template (
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  act TEXT NOT NULL,
  doc {{json}} NOT NULL,
  digest TEXT NOT NULL,         -- SM3 of the template as written, to see whether a pack changed it
  loaded_ms BIGINT NOT NULL,
  PRIMARY KEY (key, version)
);
CREATE INDEX paper_template_act ON paper_template (act);

CREATE TABLE paper_series (
  agency TEXT NOT NULL,
  act TEXT NOT NULL,
  year INTEGER NOT NULL,        -- in China
  last BIGINT NOT NULL,
  PRIMARY KEY (agency, act, year)
);

CREATE TABLE paper_paper (
  id TEXT PRIMARY KEY,
  act TEXT NOT NULL,
  title TEXT NOT NULL,
  number TEXT NOT NULL,
  template_key TEXT NOT NULL,
  template_version INTEGER NOT NULL,
  agency TEXT NOT NULL,
  case_id TEXT NOT NULL,
  subject TEXT NOT NULL,        -- blind index of the number of whom it is about
  state TEXT NOT NULL,          -- making, ready, failed
  failure TEXT NOT NULL,        -- text key of what went wrong
  content {{blob}} NOT NULL,    -- sealed: the values it is rendered from
  blob_id TEXT NOT NULL,
  digest TEXT NOT NULL,         -- SM3 of the signed file
  issued_ms BIGINT NOT NULL,
  ready_ms BIGINT NOT NULL,
  UNIQUE (agency, act, number)
);
CREATE INDEX paper_paper_case ON paper_paper (case_id, issued_ms);
CREATE INDEX paper_paper_failed ON paper_paper (issued_ms) WHERE state = 'failed';

CREATE TABLE paper_delivery (
  id TEXT PRIMARY KEY,
  paper_id TEXT NOT NULL,
  how TEXT NOT NULL,            -- online_opened, handed_out, message
  recipient TEXT NOT NULL,      -- person:<id>, or the blind index of a number
  taker {{blob}},               -- sealed: the name of who took it at the window
  at_ms BIGINT NOT NULL,
  by_actor TEXT NOT NULL,
  UNIQUE (paper_id, how, recipient)
);
