-- +goose Up
-- What a clerk did in a shift is counted from the events of that time.
CREATE INDEX cases_event_when ON cases_event (actor, recorded_ms);
