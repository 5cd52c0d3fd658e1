-- +goose Up
CREATE TABLE pack_pack (
  key TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  hash TEXT NOT NULL,
  loaded_ms BIGINT NOT NULL
);
