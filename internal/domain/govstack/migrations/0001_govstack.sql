-- +goose Up
CREATE TABLE govstack_member (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL UNIQUE,    -- INSTANCE/CLASS/MEMBER/SUBSYSTEM
  state TEXT NOT NULL,            -- asked, active, suspended
  version BIGINT NOT NULL,
  data {{json}} NOT NULL,         -- the grant in force
  token_hash TEXT NOT NULL,
  open {{bool}} NOT NULL,         -- of the demo: let in without a token
  since_ms BIGINT NOT NULL
);

CREATE TABLE govstack_proposal (
  id TEXT PRIMARY KEY,
  member_id TEXT NOT NULL REFERENCES govstack_member (id),
  base BIGINT NOT NULL,           -- the member's version it was made of
  data {{json}} NOT NULL,
  state TEXT NOT NULL,            -- asked, approved, refused
  asked_by TEXT NOT NULL,         -- staff id
  asked_ms BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_ms BIGINT NOT NULL
);
CREATE INDEX govstack_proposal_member ON govstack_proposal (member_id, asked_ms);
CREATE INDEX govstack_proposal_open ON govstack_proposal (asked_ms) WHERE state = 'asked';

CREATE TABLE govstack_applicant (
  member_id TEXT NOT NULL REFERENCES govstack_member (id),
  blind TEXT NOT NULL,            -- of the member's id of the applicant
  who {{blob}} NOT NULL,          -- name and numbers
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (member_id, blind)
);

CREATE TABLE govstack_file (
  case_id TEXT PRIMARY KEY,
  member_id TEXT NOT NULL REFERENCES govstack_member (id),
  key TEXT NOT NULL,              -- the sender's, or one of ours
  item TEXT NOT NULL,
  applicant TEXT NOT NULL,        -- blind, as in govstack_applicant
  said {{blob}} NOT NULL,         -- the applicant's id and the application's name as the member wrote them
  documents {{json}} NOT NULL,    -- ids
  at_ms BIGINT NOT NULL,
  UNIQUE (member_id, key)
);
CREATE INDEX govstack_file_list ON govstack_file (member_id, at_ms, case_id);

CREATE TABLE govstack_document (
  id TEXT PRIMARY KEY,
  member_id TEXT NOT NULL REFERENCES govstack_member (id),
  material TEXT NOT NULL,         -- key, as far as the member said
  blob_id TEXT NOT NULL,
  name {{blob}} NOT NULL,
  mime TEXT NOT NULL,
  size BIGINT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX govstack_document_at ON govstack_document (at_ms);
