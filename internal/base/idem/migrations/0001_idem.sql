-- +goose Up
CREATE TABLE idem_answer (
  id TEXT PRIMARY KEY,          -- blind index of actor and key
  request TEXT NOT NULL,        -- keyed hash of method, address and body
  state TEXT NOT NULL,          -- run, done
  status INTEGER NOT NULL,
  type TEXT NOT NULL,
  body {{blob}},                -- sealed
  at_ms BIGINT NOT NULL
);
CREATE INDEX idem_answer_at ON idem_answer (at_ms);
