-- +goose Up
CREATE TABLE org_version (
  one INTEGER PRIMARY KEY,
  version BIGINT NOT NULL
);
INSERT INTO org_version (one, version) VALUES (1, 1);

-- doc holds the element as its Go type; pack_sum is the keyed sum of the pack's text it was last loaded from, empty for one made by hand.
CREATE TABLE org_region (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,          -- code of the region above
  doc {{json}} NOT NULL,
  pack_sum TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE org_agency (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,          -- region code
  doc {{json}} NOT NULL,
  pack_sum TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE org_window (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,          -- agency key
  doc {{json}} NOT NULL,
  pack_sum TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE TABLE org_post (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,          -- agency key
  doc {{json}} NOT NULL,
  pack_sum TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE org_staff (
  id TEXT PRIMARY KEY,
  login TEXT NOT NULL UNIQUE,
  agency TEXT NOT NULL,
  name {{blob}} NOT NULL,
  phone {{blob}},
  roles {{json}} NOT NULL,
  posts {{json}} NOT NULL,
  disabled {{bool}} NOT NULL,
  pack_sum TEXT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE org_holiday (
  date TEXT NOT NULL,
  list INTEGER NOT NULL,        -- year of the national notice the day came with; 0 = set here
  working {{bool}} NOT NULL,
  note TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (date, list)
);
