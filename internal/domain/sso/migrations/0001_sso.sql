-- +goose Up
CREATE TABLE sso_client (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,            -- asked, active, suspended
  version BIGINT NOT NULL,
  data {{json}} NOT NULL,         -- the approved registration
  secret_hash TEXT NOT NULL,
  since_ms BIGINT NOT NULL
);

CREATE TABLE sso_proposal (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES sso_client (id),
  base BIGINT NOT NULL,           -- the client's version it was made of
  data {{json}} NOT NULL,
  state TEXT NOT NULL,            -- asked, approved, refused
  asked_by TEXT NOT NULL,         -- staff id
  asked_ms BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_ms BIGINT NOT NULL
);
CREATE INDEX sso_proposal_client ON sso_proposal (client_id, asked_ms);
CREATE INDEX sso_proposal_open ON sso_proposal (asked_ms) WHERE state = 'asked';

CREATE TABLE sso_key (
  kid TEXT PRIMARY KEY,
  alg TEXT NOT NULL,              -- ES256, RS256
  state TEXT NOT NULL,            -- next (published), now (signs), old (published until gone_ms), gone
  private {{blob}},               -- sealed PKCS 8; empty once gone
  public {{json}} NOT NULL,       -- JWK
  made_ms BIGINT NOT NULL,
  signs_ms BIGINT NOT NULL,       -- since when it signs
  gone_ms BIGINT NOT NULL         -- when its last token has expired
);

CREATE TABLE sso_version (one INTEGER PRIMARY KEY, n BIGINT NOT NULL);
INSERT INTO sso_version (one, n) VALUES (1, 0);

CREATE TABLE sso_parked (
  id TEXT PRIMARY KEY,
  request {{json}} NOT NULL,
  stepped INTEGER NOT NULL,       -- 1 once led through a step up
  agreed_by TEXT NOT NULL,        -- who agreed to this very request
  at_ms BIGINT NOT NULL
);
CREATE INDEX sso_parked_at ON sso_parked (at_ms);

CREATE TABLE sso_consent (
  owner TEXT NOT NULL,            -- person:<id>, staff:<id>
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL,           -- separated by spaces; "number" for the ID number
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (owner, client_id)
);

CREATE TABLE sso_grant (
  id TEXT PRIMARY KEY,
  code_id TEXT NOT NULL UNIQUE,   -- one grant a code, whatever happens at the same time
  client_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  session_id TEXT NOT NULL,
  sid TEXT NOT NULL,
  sub TEXT NOT NULL,
  firm_id TEXT NOT NULL,
  for_person TEXT NOT NULL,
  mandate_id TEXT NOT NULL,
  scopes TEXT NOT NULL,
  level INTEGER NOT NULL,
  amr TEXT NOT NULL,
  auth_ms BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,       -- when nothing of it can be good any more
  ended_ms BIGINT NOT NULL,
  ended_why TEXT NOT NULL
);
CREATE INDEX sso_grant_session ON sso_grant (session_id);
CREATE INDEX sso_grant_owner ON sso_grant (owner, client_id);
CREATE INDEX sso_grant_until ON sso_grant (until_ms);

CREATE TABLE sso_token (
  hash TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL,
  kind TEXT NOT NULL,             -- access, refresh
  at_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  used_ms BIGINT NOT NULL         -- refresh: when it was changed for another; access: when it was revoked
);
CREATE INDEX sso_token_grant ON sso_token (grant_id);
CREATE INDEX sso_token_until ON sso_token (until_ms);

CREATE TABLE sso_assertion (
  hash TEXT PRIMARY KEY,
  until_ms BIGINT NOT NULL
);
CREATE INDEX sso_assertion_until ON sso_assertion (until_ms);
