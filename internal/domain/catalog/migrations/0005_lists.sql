-- +goose Up
-- Lists go from name to name: the names in memory, their items along this index. The index by rank and pinyin of millions of rows goes; it was three times as
-- large, and a filter walked most of it.
CREATE INDEX catalog_item_names ON catalog_item (head, rank, region, key) WHERE state = '1';
DROP INDEX catalog_item_list;
CREATE INDEX catalog_item_life ON catalog_item (life, head) WHERE life <> '';
