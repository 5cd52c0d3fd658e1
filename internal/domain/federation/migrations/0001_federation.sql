-- +goose Up
CREATE TABLE federation_provider (
  key TEXT PRIMARY KEY,
  settings {{json}} NOT NULL,
  secret {{blob}},              -- sealed client secret
  version BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  proposed_by TEXT NOT NULL,    -- staff id
  approved_by TEXT NOT NULL     -- staff id of somebody else
);

CREATE TABLE federation_proposal (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  settings {{json}} NOT NULL,
  secret {{blob}},
  base BIGINT NOT NULL,         -- version it changes; 0 = a new provider
  why TEXT NOT NULL,
  state TEXT NOT NULL,          -- open, approved, refused, withdrawn
  proposed_by TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_ms BIGINT NOT NULL,
  decided_why TEXT NOT NULL,
  CHECK (decided_by = '' OR decided_by <> proposed_by OR state = 'withdrawn')
);
CREATE UNIQUE INDEX federation_proposal_open ON federation_proposal (provider) WHERE state = 'open';

CREATE TABLE federation_state (
  id TEXT PRIMARY KEY,          -- hash of the state
  provider TEXT NOT NULL,
  browser TEXT NOT NULL,        -- hash of the browser's secret
  sealed {{blob}} NOT NULL,     -- nonce, verifier, where to go on
  ends_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL
);
CREATE INDEX federation_state_ends ON federation_state (ends_ms);

CREATE TABLE federation_key (
  id TEXT PRIMARY KEY,
  sealed {{blob}} NOT NULL,     -- PKCS #8
  made_ms BIGINT NOT NULL
);
