-- +goose Up
-- The browser a session belongs to, by the blind index of its device cookie; empty for sessions from before, and of the demo.
ALTER TABLE identity_session ADD COLUMN device_key TEXT NOT NULL DEFAULT '';
