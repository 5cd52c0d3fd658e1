-- +goose Up
-- What the item is in law (licence, registration, filing, …): names of states and outcomes follow it. Empty on rows from before: the neutral names.
ALTER TABLE cases_case ADD COLUMN nature TEXT NOT NULL DEFAULT '';
