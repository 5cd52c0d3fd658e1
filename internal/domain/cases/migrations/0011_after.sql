-- +goose Up
-- The licence an application acts on: it changes, renews or cancels that one.
CREATE TABLE cases_target (
  case_id TEXT PRIMARY KEY,
  licence_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX cases_target_licence ON cases_target (licence_id);
