-- +goose Up
ALTER TABLE pack_pack ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE pack_pack ADD COLUMN name_en TEXT NOT NULL DEFAULT '';
ALTER TABLE pack_pack ADD COLUMN requires {{json}} NOT NULL DEFAULT '[]';
ALTER TABLE pack_pack ADD COLUMN edited {{bool}} NOT NULL DEFAULT false;  -- its newest version was made in the browser
CREATE TABLE pack_file (               -- the files of every loaded pack as they are now; pack.yaml is one of them
  pack TEXT NOT NULL,
  path TEXT NOT NULL,
  version BIGINT NOT NULL,             -- of the pack that holds this very set of files
  hash TEXT NOT NULL,
  content {{blob}} NOT NULL,
  PRIMARY KEY (pack, path)
);
