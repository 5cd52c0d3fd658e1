-- +goose Up
CREATE TABLE catalog_item (            -- the current version of each item
  key TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  pack TEXT NOT NULL,                  -- '' for items from a list
  unreviewed {{bool}} NOT NULL,
  published_ms BIGINT NOT NULL,
  seq BIGINT NOT NULL                  -- value of catalog_change at the last change of this row
);
CREATE INDEX catalog_item_seq ON catalog_item (seq);
CREATE TABLE catalog_version (         -- never changed
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  doc {{json}} NOT NULL,
  hash TEXT NOT NULL,                  -- of the document as Go writes it, with the versions below
  form_version INTEGER NOT NULL,
  flow_version INTEGER NOT NULL,
  published_ms BIGINT NOT NULL,
  PRIMARY KEY (key, version)
);
CREATE TABLE catalog_definition (      -- forms and flows, never changed
  kind TEXT NOT NULL,                  -- form, flow
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  pack TEXT NOT NULL,
  doc {{json}} NOT NULL,
  hash TEXT NOT NULL,
  published_ms BIGINT NOT NULL,
  PRIMARY KEY (kind, key, version)
);
CREATE TABLE catalog_file (            -- samples and blank forms, public
  pack TEXT NOT NULL,
  path TEXT NOT NULL,
  mime TEXT NOT NULL,
  hash TEXT NOT NULL,
  content {{blob}} NOT NULL,
  PRIMARY KEY (pack, path)
);
CREATE TABLE catalog_change (          -- one row; nodes watch it to know that something is new
  id INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL
);
INSERT INTO catalog_change (id, seq) VALUES (1, 0);
CREATE TABLE catalog_import (          -- reports of imported lists
  id TEXT PRIMARY KEY,                 -- grows with time
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  total INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  report {{json}} NOT NULL
);
