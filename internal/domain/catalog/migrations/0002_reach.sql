-- +goose Up
-- What lists, filters, counts and search need of an item stands beside it, so that no page reads documents it does not show. Rows of earlier
-- releases have sort = '' until they are filled in when the program starts (settle.go).
ALTER TABLE catalog_item ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN sort TEXT NOT NULL DEFAULT '';          -- pinyin of the name, its first part; never empty once filled in
ALTER TABLE catalog_item ADD COLUMN head BIGINT NOT NULL DEFAULT 0;           -- what the index of search knows it by; items of equal names share it
ALTER TABLE catalog_item ADD COLUMN region TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN agency TEXT NOT NULL DEFAULT '';        -- key of a known agency, else what the list calls it
ALTER TABLE catalog_item ADD COLUMN base_code TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN item_type TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN online TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN audience INTEGER NOT NULL DEFAULT 0;    -- bit mask of 服务对象, search.AudienceMask
ALTER TABLE catalog_item ADD COLUMN themes_person BIGINT NOT NULL DEFAULT 0; -- bit masks, search.ThemeMask
ALTER TABLE catalog_item ADD COLUMN themes_firm BIGINT NOT NULL DEFAULT 0;
ALTER TABLE catalog_item ADD COLUMN life TEXT NOT NULL DEFAULT '';          -- codes of life events, each between bars: |birth|marriage|
ALTER TABLE catalog_item ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;       -- what the item office looks for: findings, states of legal bases
ALTER TABLE catalog_item ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;        -- 3 can be done here, 2 in another system, 1 guide, 0 未复核
ALTER TABLE catalog_item ADD COLUMN state TEXT NOT NULL DEFAULT '1';        -- 1 在用, 2 暂停, 3 取消
ALTER TABLE catalog_item ADD COLUMN state_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_item ADD COLUMN state_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE catalog_item ADD COLUMN instead TEXT NOT NULL DEFAULT '';       -- key of the item to use instead of a suspended or cancelled one
ALTER TABLE catalog_item ADD COLUMN hash TEXT NOT NULL DEFAULT '';          -- of the current version
CREATE INDEX catalog_item_list ON catalog_item (rank, sort, key) WHERE state = '1';
CREATE INDEX catalog_item_halted ON catalog_item (state, sort, key) WHERE state <> '1';
CREATE INDEX catalog_item_base ON catalog_item (base_code, key) WHERE base_code <> '';
CREATE INDEX catalog_item_code ON catalog_item (code);
CREATE INDEX catalog_item_head ON catalog_item (head, region);
CREATE INDEX catalog_item_unfilled ON catalog_item (key) WHERE sort = '';
-- Indexes by region and by agency stand in 0003, together with what search needs of them.
CREATE TABLE catalog_tally (           -- how many items in use there are, kept in the transaction of every item
  kind TEXT NOT NULL,                  -- region, agency, person, firm, life, online
  key TEXT NOT NULL,                   -- agency, theme, life event or way; '' for region
  region TEXT NOT NULL,
  n INTEGER NOT NULL,
  name TEXT NOT NULL,                  -- of an agency only a list names
  seq BIGINT NOT NULL,                 -- value of catalog_change at the last change of this row
  PRIMARY KEY (kind, key, region)
);
CREATE INDEX catalog_tally_seq ON catalog_tally (seq);
