-- +goose Up
CREATE TABLE event_event (
  id TEXT PRIMARY KEY,
  topic TEXT NOT NULL,
  data {{json}} NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX event_event_topic ON event_event (topic, at_ms);
CREATE TABLE event_seen (
  event_id TEXT NOT NULL,
  listener TEXT NOT NULL,
  PRIMARY KEY (event_id, listener)
);
