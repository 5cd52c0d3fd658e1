-- +goose Up
CREATE TABLE blob_file (
  id TEXT PRIMARY KEY,
  size BIGINT NOT NULL,
  sm3 TEXT NOT NULL,            -- of the plain bytes, keyed (HMAC), so that it gives nothing away
  mime TEXT NOT NULL,
  owner TEXT NOT NULL,          -- "<room>:<record id>"
  created_ms BIGINT NOT NULL
);
CREATE INDEX blob_file_owner ON blob_file (owner);
