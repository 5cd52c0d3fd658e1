-- +goose Up
-- When the special procedure that stops the clock was announced to end.
ALTER TABLE cases_case ADD COLUMN special_ms BIGINT NOT NULL DEFAULT 0;
