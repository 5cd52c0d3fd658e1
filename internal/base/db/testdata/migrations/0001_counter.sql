-- +goose Up
CREATE TABLE try_counter (id TEXT PRIMARY KEY, n BIGINT NOT NULL, doc {{json}} NOT NULL, raw {{blob}}, live {{bool}} NOT NULL);
