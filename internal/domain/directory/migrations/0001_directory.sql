-- +goose Up
CREATE TABLE directory_state (
  one INTEGER PRIMARY KEY,
  version BIGINT NOT NULL
);
INSERT INTO directory_state (one, version) VALUES (1, 1);

-- The current version of each base item; pack_sum is the sum of the pack's text it was last loaded from, empty for one made by hand.
CREATE TABLE directory_base (
  code TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  pack_sum TEXT NOT NULL
);

-- Every version, never changed after it was written.
CREATE TABLE directory_version (
  code TEXT NOT NULL,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL,           -- add, amend, split, merge, suspend, cancel
  state TEXT NOT NULL,          -- 1 in use, 2 suspended, 3 cancelled
  effective TEXT NOT NULL,      -- first day
  follow_by TEXT NOT NULL,      -- day until which adopters follow, empty for a first version
  change_id TEXT NOT NULL,      -- empty: a pack
  pack TEXT NOT NULL,
  doc {{json}} NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (code, version)
);

CREATE TABLE directory_change (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  doc {{json}} NOT NULL,
  rev BIGINT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX directory_change_state ON directory_change (state, id);

-- Who looked at a version of a base item and found that an item needs no change.
CREATE TABLE directory_follow (
  item TEXT NOT NULL,
  code TEXT NOT NULL,
  version INTEGER NOT NULL,
  reason TEXT NOT NULL,
  by_staff TEXT NOT NULL,
  agency TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (item, code, version)
);
CREATE INDEX directory_follow_code ON directory_follow (code, version);

-- One row is one code with one name over a span of days; a new name is a new row. valid_from empty: always; valid_to empty: open.
CREATE TABLE directory_code (
  list TEXT NOT NULL,
  code TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  source TEXT NOT NULL,
  sort INTEGER NOT NULL,
  local {{bool}} NOT NULL,
  rev BIGINT NOT NULL,
  PRIMARY KEY (list, code, valid_from)
);

-- What was done with a list, and why.
CREATE TABLE directory_note (
  id TEXT PRIMARY KEY,
  list TEXT NOT NULL,
  code TEXT NOT NULL,
  act TEXT NOT NULL,            -- add, rename, retire, map, unmap
  reason TEXT NOT NULL,
  by_staff TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX directory_note_list ON directory_note (list, id);

-- A code there stands for a code here: takes when reading that system's data, gives when writing for it.
CREATE TABLE directory_mapping (
  system TEXT NOT NULL,
  list TEXT NOT NULL,
  there TEXT NOT NULL,
  here TEXT NOT NULL,
  takes {{bool}} NOT NULL,
  gives {{bool}} NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (system, list, there, here)
);
