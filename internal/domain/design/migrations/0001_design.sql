-- +goose Up
CREATE TABLE design_change (           -- one unit of work: files laid over a pack, or an item that is suspended, cancelled or taken up again
  id TEXT PRIMARY KEY,                 -- grows with time
  act TEXT NOT NULL,                   -- publish, suspend, cancel, resume
  pack TEXT NOT NULL,
  pack_name TEXT NOT NULL,
  pack_version BIGINT NOT NULL,        -- the pack's when the change began; 0: the pack is new
  title TEXT NOT NULL,
  item TEXT NOT NULL,                  -- key of the item it is about, or ''
  agency TEXT NOT NULL,                -- key of the agency whose item it is
  region TEXT NOT NULL,                -- code, of that agency
  state TEXT NOT NULL,
  author TEXT NOT NULL,                -- staff id, as the three below
  sender TEXT NOT NULL,
  second TEXT NOT NULL,
  legal TEXT NOT NULL,
  effective_ms BIGINT NOT NULL,        -- when it is to be published, or was; 0: not set
  reason TEXT NOT NULL,
  instead TEXT NOT NULL,               -- key of the item to use instead of a suspended or cancelled one
  rev BIGINT NOT NULL,                 -- raised by every act on the change
  seal TEXT NOT NULL,                  -- hash of its files when it was sent: what is approved is what is published
  created_ms BIGINT NOT NULL,
  changed_ms BIGINT NOT NULL
);
CREATE INDEX design_change_agency ON design_change (agency, state, id);
CREATE INDEX design_change_region ON design_change (region, state, id);
CREATE INDEX design_change_item ON design_change (item, id);
CREATE TABLE design_file (
  change_id TEXT NOT NULL REFERENCES design_change (id),
  path TEXT NOT NULL,
  rev BIGINT NOT NULL,                 -- of this file, from 1
  content {{blob}} NOT NULL,
  removed {{bool}} NOT NULL,
  had {{bool}} NOT NULL,               -- the pack holds this file already, and was is what it said when the change took it over
  was {{blob}} NOT NULL,
  by_staff TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (change_id, path)
);
CREATE TABLE design_author (           -- who wrote into a change: none of them approves it
  change_id TEXT NOT NULL REFERENCES design_change (id),
  staff TEXT NOT NULL,
  PRIMARY KEY (change_id, staff)
);
CREATE TABLE design_step (             -- the history of a change, only added to
  change_id TEXT NOT NULL REFERENCES design_change (id),
  n INTEGER NOT NULL,
  act TEXT NOT NULL,
  by_staff TEXT NOT NULL,              -- 'system' for what was timed
  at_ms BIGINT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (change_id, n)
);
