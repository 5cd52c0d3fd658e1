-- +goose Up
CREATE TABLE try_counter (id TEXT PRIMARY KEY, n BIGINT NOT NULL, doc {{json}} NOT NULL, raw {{blob}}, live {{bool}} NOT NULL);
{{sqlite}}CREATE TABLE try_lite (id TEXT PRIMARY KEY);
{{postgres}}CREATE TABLE try_post (id TEXT PRIMARY KEY);
