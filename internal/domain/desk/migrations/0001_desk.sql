-- +goose Up
CREATE TABLE desk_filter (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  said {{blob}} NOT NULL,       -- sealed: name and conditions
  standard {{bool}} NOT NULL,   -- the inbox opens with it
  at_ms BIGINT NOT NULL
);
CREATE INDEX desk_filter_staff ON desk_filter (staff, id);

CREATE TABLE desk_note (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  case_id TEXT NOT NULL,
  client_key TEXT NOT NULL,
  text {{blob}} NOT NULL,       -- sealed
  at_ms BIGINT NOT NULL,
  UNIQUE (staff, case_id, client_key)
);

CREATE TABLE desk_phrase (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,          -- who wrote it
  agency TEXT NOT NULL,         -- shared with it; empty: own
  said {{blob}} NOT NULL,       -- sealed: title and text
  at_ms BIGINT NOT NULL
);
CREATE INDEX desk_phrase_staff ON desk_phrase (staff, id);
CREATE INDEX desk_phrase_agency ON desk_phrase (agency, id) WHERE agency <> '';

CREATE TABLE desk_unsent (
  staff TEXT NOT NULL,
  case_id TEXT NOT NULL,
  act TEXT NOT NULL,
  form {{blob}} NOT NULL,       -- sealed: what was typed, by name of the box
  version BIGINT NOT NULL,      -- of the case when it was typed
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (staff, case_id, act)
);
CREATE INDEX desk_unsent_at ON desk_unsent (at_ms);

CREATE TABLE desk_look (
  staff TEXT NOT NULL,
  case_id TEXT NOT NULL,
  version BIGINT NOT NULL,      -- of the case at the last look
  seen {{blob}} NOT NULL,       -- sealed: what was shown then
  at_ms BIGINT NOT NULL,
  prior {{blob}},               -- sealed: what the visit before showed
  prior_ms BIGINT NOT NULL,
  PRIMARY KEY (staff, case_id)
);
CREATE INDEX desk_look_at ON desk_look (at_ms);

CREATE TABLE desk_batch (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  client_key TEXT NOT NULL,
  act TEXT NOT NULL,
  input {{blob}} NOT NULL,      -- sealed: colleague, opinion
  at_ms BIGINT NOT NULL,
  UNIQUE (staff, client_key)
);
CREATE INDEX desk_batch_at ON desk_batch (at_ms);

CREATE TABLE desk_line (
  batch_id TEXT NOT NULL,
  ord INTEGER NOT NULL,
  case_id TEXT NOT NULL,
  version BIGINT NOT NULL,      -- the list showed
  outcome TEXT NOT NULL,        -- empty, done, no
  why {{blob}},                 -- sealed: why not, in words
  PRIMARY KEY (batch_id, ord)
);

CREATE TABLE desk_switch (
  staff TEXT PRIMARY KEY,
  no_keys {{bool}} NOT NULL
);
