-- +goose Up
-- Every {{blob}} is sealed by the vault for "table.column.id"; every *_key is a blind index. Nothing personal stands readable here.
CREATE TABLE identity_person (
  id TEXT PRIMARY KEY,
  number_key TEXT UNIQUE,          -- NULL until name and number are known
  number_kind TEXT NOT NULL,
  phone_key TEXT NOT NULL,         -- contact phone, or empty
  number {{blob}},
  name {{blob}},
  sex {{blob}},
  birth {{blob}},
  phone {{blob}},
  address {{blob}},
  level INTEGER NOT NULL,          -- 0 declared at a window, 1 phone, 2 name and number checked
  alive {{bool}} NOT NULL,
  merged_into TEXT NOT NULL,       -- the person this shell turned out to be, or empty
  verified_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX identity_person_phone ON identity_person (phone_key);
CREATE TABLE identity_account (
  id TEXT PRIMARY KEY,
  phone_key TEXT NOT NULL UNIQUE,
  phone {{blob}} NOT NULL,
  person_id TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX identity_account_person ON identity_account (person_id);
CREATE TABLE identity_firm (
  id TEXT PRIMARY KEY,
  credit_key TEXT NOT NULL UNIQUE,
  data {{blob}} NOT NULL,          -- JSON of the firm as the registry last gave it
  asked_ms BIGINT NOT NULL
);
CREATE TABLE identity_session (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE, -- SM3 of the token; the token is nowhere
  person_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  firm_id TEXT NOT NULL,           -- acted for
  firm_ms BIGINT NOT NULL,         -- when the registry last confirmed it
  created_ms BIGINT NOT NULL,
  seen_ms BIGINT NOT NULL,
  ended_ms BIGINT NOT NULL         -- 0 while open
);
CREATE INDEX identity_session_person ON identity_session (person_id);
CREATE INDEX identity_session_staff ON identity_session (staff_id);
CREATE INDEX identity_session_created ON identity_session (created_ms);
CREATE TABLE identity_token (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  person_id TEXT NOT NULL,
  staff_id TEXT NOT NULL,
  firm_id TEXT NOT NULL,
  firm_ms BIGINT NOT NULL,
  name {{blob}} NOT NULL,
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL,         -- 0 = never
  ended_ms BIGINT NOT NULL         -- 0 = not revoked
);
CREATE INDEX identity_token_person ON identity_token (person_id);
CREATE INDEX identity_token_staff ON identity_token (staff_id);
CREATE TABLE identity_code (
  id TEXT PRIMARY KEY,
  for_key TEXT NOT NULL,           -- what it opens: a phone, or a staff sign-in under way
  code_key TEXT NOT NULL,
  tries INTEGER NOT NULL,
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);
CREATE INDEX identity_code_for ON identity_code (for_key, created_ms);
CREATE TABLE identity_credential (
  staff_id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,              -- argon2id, PHC string
  must_change {{bool}} NOT NULL,
  set_ms BIGINT NOT NULL
);
CREATE TABLE identity_limit (
  key TEXT PRIMARY KEY,
  start_ms BIGINT NOT NULL,
  n BIGINT NOT NULL,
  last_ms BIGINT NOT NULL
);
CREATE TABLE identity_stash (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,             -- "person:<id>", "staff:<id>", or empty when the session was unknown
  body {{blob}} NOT NULL,
  ends_ms BIGINT NOT NULL
);
