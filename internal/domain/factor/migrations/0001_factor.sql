-- +goose Up
-- An owner is "person:<id>" or "staff:<id>".
CREATE TABLE factor_password (
  owner TEXT NOT NULL,
  use_for TEXT NOT NULL,          -- sign_in; sign: the second secret of the two keys
  hash TEXT NOT NULL,             -- argon2id, PHC string
  must_change BOOLEAN NOT NULL,
  changed_ms BIGINT NOT NULL,
  PRIMARY KEY (owner, use_for)
);

CREATE TABLE factor_totp (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,            -- asked, on
  secret {{blob}} NOT NULL,       -- sealed
  last_step BIGINT NOT NULL,      -- the last time step that was used; earlier ones count no more
  made_ms BIGINT NOT NULL,
  UNIQUE (owner, state)
);

CREATE TABLE factor_handle (
  handle TEXT PRIMARY KEY,        -- random; what an authenticator keeps instead of a name
  owner TEXT NOT NULL,
  made_ms BIGINT NOT NULL
);
CREATE INDEX factor_handle_owner ON factor_handle (owner, made_ms);

CREATE TABLE factor_passkey (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  handle TEXT NOT NULL,
  cred_key TEXT NOT NULL UNIQUE,  -- blind index of the credential's id
  credential {{blob}} NOT NULL,   -- sealed
  label {{blob}},                 -- sealed
  synced BOOLEAN NOT NULL,
  counter BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);
CREATE INDEX factor_passkey_owner ON factor_passkey (owner, made_ms);

CREATE TABLE factor_challenge (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,             -- register, sign_in, sign, certificate
  owner TEXT NOT NULL,            -- empty: whoever answers
  handle TEXT NOT NULL,
  object TEXT NOT NULL,           -- the signature a challenge of kind sign is for
  challenge TEXT NOT NULL,
  ends_ms BIGINT NOT NULL
);
CREATE INDEX factor_challenge_ends ON factor_challenge (ends_ms);

CREATE TABLE factor_certificate (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  cert_key TEXT NOT NULL UNIQUE,  -- blind index of the fingerprint: one certificate, one account
  facts {{blob}} NOT NULL,        -- sealed
  not_after_ms BIGINT NOT NULL,
  made_ms BIGINT NOT NULL
);
CREATE INDEX factor_certificate_owner ON factor_certificate (owner, made_ms);

CREATE TABLE factor_recovery (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  hash TEXT NOT NULL,             -- keyed hash over this row's id and the code
  made_ms BIGINT NOT NULL
);
CREATE INDEX factor_recovery_owner ON factor_recovery (owner);

CREATE TABLE factor_try (
  owner TEXT NOT NULL,
  kind TEXT NOT NULL,             -- totp, sign, recovery
  failed BIGINT NOT NULL,
  wait_ms BIGINT NOT NULL,        -- no try before
  PRIMARY KEY (owner, kind)
);

CREATE TABLE factor_signature (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  object TEXT NOT NULL,
  text_key TEXT NOT NULL,         -- blind index of the text
  state TEXT NOT NULL,            -- asked, signed, refused
  envelope {{blob}} NOT NULL,     -- sealed: the canonical form with the text, which is what is signed
  back TEXT NOT NULL,
  digest TEXT NOT NULL,           -- SHA-256 of the envelope
  method TEXT NOT NULL,
  evidence {{blob}},              -- sealed
  made_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  signed_ms BIGINT NOT NULL
);
CREATE INDEX factor_signature_object ON factor_signature (owner, object, text_key);
