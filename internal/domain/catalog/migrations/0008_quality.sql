-- +goose Up
-- What the rules find in an item stands beside it, with the sums of each agency, so that the pages of quality read no documents. Rows are written behind
-- the items, in the order of their changes (score.go); after this step all items are judged once.
CREATE TABLE catalog_quality (
  key TEXT PRIMARY KEY,                -- of an item in use
  agency TEXT NOT NULL,                -- as in catalog_item
  score INTEGER NOT NULL,              -- 0 to 100
  block INTEGER NOT NULL,              -- findings of each level
  warn INTEGER NOT NULL,
  advice INTEGER NOT NULL,
  rules TEXT NOT NULL                  -- keys of the broken rules, each between bars: |required|basis|
);
CREATE INDEX catalog_quality_worst ON catalog_quality (score, key);
CREATE INDEX catalog_quality_agency ON catalog_quality (agency, score, key);
CREATE TABLE catalog_quality_sum (
  agency TEXT NOT NULL,                -- '*' for all together
  what TEXT NOT NULL,                  -- items, points, clean, level:<level>, rule:<key>
  n BIGINT NOT NULL,
  PRIMARY KEY (agency, what)
);
CREATE INDEX catalog_quality_sum_what ON catalog_quality_sum (what, agency);
CREATE TABLE catalog_quality_state (   -- one row: how far judging has come
  id INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,                 -- items up to this change are judged
  after TEXT NOT NULL,                 -- and of this change those up to this key
  swept TEXT NOT NULL,                 -- judged anew with the facts of today up to this key
  facts TEXT NOT NULL                  -- the facts all items were judged by
);
INSERT INTO catalog_quality_state (id, seq, after, swept, facts) VALUES (1, -1, '', '', '');
CREATE INDEX catalog_item_changed ON catalog_item (seq, key);
DROP INDEX catalog_item_seq;
