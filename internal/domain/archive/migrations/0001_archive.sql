-- +goose Up
CREATE TABLE archive_package (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL UNIQUE,
  case_no TEXT NOT NULL,
  item TEXT NOT NULL,
  item_name TEXT NOT NULL,
  agency TEXT NOT NULL,
  agency_name TEXT NOT NULL,
  region TEXT NOT NULL,
  subject TEXT NOT NULL,          -- blind index of the applicant's number; empty until it is made
  result TEXT NOT NULL,           -- empty until it is made
  year INTEGER NOT NULL,
  period TEXT NOT NULL,           -- permanent, y30, y10
  archive_no TEXT UNIQUE,         -- 档号; NULL until its number is taken
  state TEXT NOT NULL,            -- waiting, ready
  failure TEXT NOT NULL,          -- text key: why it still waits
  about TEXT NOT NULL,            -- what it waits for
  blob_id TEXT NOT NULL,
  size BIGINT NOT NULL,
  digest TEXT NOT NULL,           -- hex SM3 of the whole package
  entries INTEGER NOT NULL,
  ended_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  checked_ms BIGINT NOT NULL,
  sound {{bool}} NOT NULL         -- the last examination found nothing grave
);
CREATE INDEX archive_package_agency ON archive_package (agency, id);
CREATE INDEX archive_package_region ON archive_package (region, id);
CREATE INDEX archive_package_recheck ON archive_package (checked_ms, id) WHERE state = 'ready';
CREATE INDEX archive_package_waiting ON archive_package (created_ms, id) WHERE state = 'waiting';
CREATE INDEX archive_package_case_no ON archive_package (case_no);

CREATE TABLE archive_check (
  id TEXT PRIMARY KEY,
  package_id TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  sound {{bool}} NOT NULL,
  checks {{json}} NOT NULL
);
CREATE INDEX archive_check_package ON archive_check (package_id, id);

CREATE TABLE archive_series (
  agency TEXT NOT NULL,
  year INTEGER NOT NULL,
  period TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (agency, year, period)
);

CREATE TABLE archive_export (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  agency TEXT NOT NULL,           -- of who asked for it
  region TEXT NOT NULL,
  filter {{json}} NOT NULL,
  reason {{blob}} NOT NULL,       -- sealed: may name people
  packages INTEGER NOT NULL,
  created_ms BIGINT NOT NULL,
  finished_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL      -- when its files are dropped; 0 until finished
);
CREATE INDEX archive_export_staff ON archive_export (staff, id);

CREATE TABLE archive_part (
  export_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  packages {{json}} NOT NULL,     -- ids
  count INTEGER NOT NULL,
  state TEXT NOT NULL,            -- making, ready, dropped
  blob_id TEXT NOT NULL,
  size BIGINT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (export_id, n)
);
