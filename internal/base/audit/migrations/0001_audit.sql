-- +goose Up
CREATE TABLE audit_entry (
  id TEXT PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,       -- "person:<id>", "staff:<id>", "system", "visitor"
  on_behalf TEXT NOT NULL,   -- "firm:<id>" or "person:<id>", or empty
  act TEXT NOT NULL,         -- "read" or a verb such as "cases.accept"
  object TEXT NOT NULL,      -- "case:<id>"
  subject TEXT NOT NULL,     -- blind index of the number of the person or firm the data is about, or empty
  what TEXT NOT NULL,        -- which data: text keys separated by commas
  reason TEXT NOT NULL,
  via TEXT NOT NULL,         -- page, search, export, api, pdf, command
  origin TEXT NOT NULL,      -- sealed network address, base64, or empty
  agency TEXT NOT NULL,
  seq BIGINT UNIQUE,
  hash TEXT NOT NULL
);
CREATE INDEX audit_entry_subject ON audit_entry (subject, at_ms);
CREATE INDEX audit_entry_object ON audit_entry (object, at_ms);
CREATE INDEX audit_entry_new ON audit_entry (at_ms) WHERE seq IS NULL;
CREATE TABLE audit_head (
  one INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');
