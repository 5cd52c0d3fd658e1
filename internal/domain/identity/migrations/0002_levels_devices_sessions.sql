-- +goose Up
-- One row for each time a level was proved. A row with a session counts in that session only; the others stand until they expire.
CREATE TABLE identity_proof (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  level INTEGER NOT NULL,
  method TEXT NOT NULL,            -- sms, registry, face, counter, certificate, counter+passkey, federation
  verified_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,      -- 0 = never
  issuer TEXT NOT NULL,            -- agency key or outside provider, or empty for the registry
  session_id TEXT NOT NULL,        -- empty = standing
  UNIQUE (person_id, method, session_id)
);
INSERT INTO identity_proof (id, person_id, level, method, verified_ms, expires_ms, issuer, session_id)
  SELECT 'sms-' || id, id, 1, 'sms', created_ms, 0, '', '' FROM identity_person WHERE id IN (SELECT person_id FROM identity_account);
INSERT INTO identity_proof (id, person_id, level, method, verified_ms, expires_ms, issuer, session_id)
  SELECT 'registry-' || id, id, 2, 'registry', verified_ms, 0, '', '' FROM identity_person WHERE level >= 2;

ALTER TABLE identity_session ADD COLUMN amr TEXT NOT NULL DEFAULT '';        -- authentication methods (RFC 8176), blank between
ALTER TABLE identity_session ADD COLUMN auth_ms BIGINT NOT NULL DEFAULT 0;   -- when it last proved who it is; 0 = when it was made
ALTER TABLE identity_session ADD COLUMN device_id TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_session ADD COLUMN issuer TEXT NOT NULL DEFAULT '';     -- the outside provider that vouches; standing proofs do not count
ALTER TABLE identity_session ADD COLUMN for_person TEXT NOT NULL DEFAULT ''; -- acted for, instead of a firm
ALTER TABLE identity_session ADD COLUMN mandate_id TEXT NOT NULL DEFAULT ''; -- under which firm or person is acted for; empty = legal representative
ALTER TABLE identity_session ADD COLUMN lost TEXT NOT NULL DEFAULT '';       -- "kind:id" that could be acted for no longer, until it was said once
ALTER TABLE identity_session ADD COLUMN limited TEXT NOT NULL DEFAULT '';    -- "change", "enrol": what must be done before anything else
ALTER TABLE identity_session ADD COLUMN agent {{blob}};
ALTER TABLE identity_session ADD COLUMN origin {{blob}};

ALTER TABLE identity_limit ADD COLUMN until_ms BIGINT NOT NULL DEFAULT 0;    -- the next try is let through from then on

CREATE TABLE identity_device (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,             -- "person:<id>" or "staff:<id>"
  device_key TEXT NOT NULL,        -- blind index of the browser's device cookie
  first_ms BIGINT NOT NULL,
  last_ms BIGINT NOT NULL,
  UNIQUE (owner, device_key)
);

-- A sign-in, linking or recovery under way, between its first and its last proof.
CREATE TABLE identity_step (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,              -- person, staff, link, recover
  owner TEXT NOT NULL,             -- empty when there is no such account, which the answers do not tell
  device_key TEXT NOT NULL,
  needs TEXT NOT NULL,             -- ways of which one will do, blank between
  amr TEXT NOT NULL,
  limited TEXT NOT NULL,
  proved TEXT NOT NULL,            -- recovery: the second way that was proved
  data {{blob}},                   -- sealed JSON of what the kind needs
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);

CREATE TABLE identity_qr (
  id TEXT PRIMARY KEY,
  secret_hash TEXT NOT NULL UNIQUE, -- SM3 of what the waiting screen asks with
  code_hash TEXT NOT NULL UNIQUE,   -- SM3 of what the QR code shows; one does not give the other
  match_digits TEXT NOT NULL,
  state TEXT NOT NULL,              -- waiting, seen, approved, refused, used
  person_id TEXT NOT NULL,          -- who looked, then approved
  session_id TEXT NOT NULL,         -- from which session
  data {{blob}} NOT NULL,           -- sealed JSON of where the screen is
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL
);

CREATE TABLE identity_outside (
  id TEXT PRIMARY KEY,
  subject_key TEXT NOT NULL UNIQUE, -- blind index of issuer and subject
  issuer TEXT NOT NULL,
  person_id TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);
CREATE INDEX identity_outside_person ON identity_outside (person_id);

CREATE TABLE identity_face (
  id TEXT PRIMARY KEY,             -- the provider's
  person_id TEXT NOT NULL,
  session_id TEXT NOT NULL,        -- session or recovery it was begun in
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);
