-- +goose Up
-- The cases each system of another authority handles, for comparing both sides every day.
CREATE INDEX cases_case_handled ON cases_case (handled_by, id) WHERE handled_by <> '';
