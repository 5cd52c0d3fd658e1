-- +goose Up
CREATE TABLE catalog_head (            -- a set of names that items bear; a row never changes but for the form of its tokens
  id BIGINT PRIMARY KEY,               -- 63 bits of the hash of the names
  name TEXT NOT NULL,
  aliases TEXT NOT NULL,               -- the other names, a line each
  words TEXT NOT NULL,                 -- tokens of the names: a line for each field
  lex TEXT NOT NULL,                   -- version of the dictionary they were made with
  seq BIGINT NOT NULL                  -- value of catalog_change when it was written
);
CREATE INDEX catalog_head_seq ON catalog_head (seq);
CREATE TABLE catalog_head_use (        -- what the items of a head have in common; small, because every import touches it
  head BIGINT PRIMARY KEY,
  n BIGINT NOT NULL,                   -- items that bear it
  key TEXT NOT NULL,                   -- one of them
  audience BIGINT NOT NULL,            -- bits of all of them together, here and below: they rule out, they do not prove
  person BIGINT NOT NULL,              -- themes
  firm BIGINT NOT NULL,
  types BIGINT NOT NULL,               -- 事项类型 by place in the list
  online BIGINT NOT NULL,
  provinces BIGINT NOT NULL,
  top INTEGER NOT NULL,                -- the best rank among them
  seq BIGINT NOT NULL
);
CREATE INDEX catalog_head_use_seq ON catalog_head_use (seq);
CREATE TABLE catalog_head_body (       -- tokens of what the first few items of a head say beside their names
  head BIGINT PRIMARY KEY,
  words TEXT NOT NULL
);
CREATE TABLE catalog_agency_name (     -- agencies by the words of their names, also those only a list knows
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  short TEXT NOT NULL,
  region TEXT NOT NULL,
  seq BIGINT NOT NULL
);
CREATE INDEX catalog_agency_name_seq ON catalog_agency_name (seq);
CREATE TABLE catalog_synonym (         -- everyday words added by an office
  id TEXT PRIMARY KEY,
  said TEXT NOT NULL,
  terms TEXT NOT NULL,                 -- a line each
  weight INTEGER NOT NULL,             -- percent
  live {{bool}} NOT NULL,
  author TEXT NOT NULL,                -- as the audit record names who touched it last
  at_ms BIGINT NOT NULL,
  seq BIGINT NOT NULL
);
CREATE UNIQUE INDEX catalog_synonym_said ON catalog_synonym (said);
CREATE INDEX catalog_synonym_seq ON catalog_synonym (seq);
CREATE TABLE catalog_search_log (      -- what is looked for, without people
  day TEXT NOT NULL,
  words TEXT NOT NULL,                 -- normalised, without numbers and names
  region TEXT NOT NULL,
  bucket INTEGER NOT NULL,             -- one of 64, drawn from the sender with a secret of the day that is never stored
  asked INTEGER NOT NULL,
  missed INTEGER NOT NULL,             -- times nothing matched all of the words
  PRIMARY KEY (day, words, region, bucket)
);
CREATE TABLE catalog_search_click (    -- which item was opened from which words
  day TEXT NOT NULL,
  words TEXT NOT NULL,
  key TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (day, words, key)
);
-- The words of heads. Tokens come from one tokenizer, joined by blanks; the engines only store and intersect them.
{{sqlite}}CREATE VIRTUAL TABLE catalog_head_text USING fts5(name, everyday, short, body, content='', contentless_delete=1, detail=column, tokenize='unicode61 remove_diacritics 0');
{{postgres}}CREATE TABLE catalog_head_text (head BIGINT PRIMARY KEY, doc TSVECTOR NOT NULL);
{{postgres}}CREATE INDEX catalog_head_text_doc ON catalog_head_text USING gin (doc) WITH (fastupdate = off);
CREATE INDEX catalog_item_near ON catalog_item (region, head);
CREATE INDEX catalog_item_office ON catalog_item (agency, head);
