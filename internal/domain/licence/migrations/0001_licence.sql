-- +goose Up
CREATE TABLE licence_type (
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  doc {{json}} NOT NULL,
  digest TEXT NOT NULL,         -- SM3 of the type as written, to see whether a pack changed it
  loaded_ms BIGINT NOT NULL,
  PRIMARY KEY (key, version)
);

CREATE TABLE licence_series (
  type_key TEXT NOT NULL,
  scope TEXT NOT NULL,          -- the number with its serial and check character left out
  last BIGINT NOT NULL,
  PRIMARY KEY (type_key, scope)
);

CREATE TABLE licence_licence (
  id TEXT PRIMARY KEY,
  identifier TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL,
  type_key TEXT NOT NULL,
  type_version INTEGER NOT NULL,
  type_name TEXT NOT NULL,
  holder_kind TEXT NOT NULL,    -- person, firm
  subject TEXT NOT NULL,        -- blind index of the holder's number
  person_id TEXT NOT NULL,
  firm_id TEXT NOT NULL,
  content {{blob}} NOT NULL,    -- sealed: holder and values
  agency TEXT NOT NULL,
  case_id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  state TEXT NOT NULL,          -- valid, suspended, withdrawn, revoked, cancelled, forfeited, expired
  reason {{blob}},              -- sealed: why the state changed
  state_ms BIGINT NOT NULL,
  valid_from TEXT NOT NULL,     -- YYYY-MM-DD in China
  valid_until TEXT NOT NULL,    -- last day; empty: no end
  trust TEXT NOT NULL,
  test {{bool}} NOT NULL,
  sole {{bool}} NOT NULL,       -- one in force for each holder
  file_state TEXT NOT NULL,     -- making, ready, failed
  failure TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  digest TEXT NOT NULL,         -- SM3 of the signed file
  issued_ms BIGINT NOT NULL,
  UNIQUE (type_key, number),
  UNIQUE (case_id, type_key)
);
CREATE INDEX licence_licence_subject ON licence_licence (subject, type_key);
CREATE UNIQUE INDEX licence_licence_sole ON licence_licence (type_key, subject) WHERE sole AND state = 'valid';
CREATE INDEX licence_licence_failed ON licence_licence (issued_ms) WHERE file_state = 'failed';

CREATE TABLE licence_use (
  id TEXT PRIMARY KEY,
  licence_id TEXT NOT NULL,
  how TEXT NOT NULL,            -- issued, state, verified_file, verified_number, used, downloaded
  detail TEXT NOT NULL,         -- new state, result of a verification, or case id
  by_actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX licence_use_licence ON licence_use (licence_id, at_ms);
