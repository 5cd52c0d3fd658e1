-- +goose Up
-- Every {{blob}} is sealed by the vault for "table.column.id"; every *_key is a blind index. Nothing personal stands readable here.
CREATE TABLE mandate_mandate (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,              -- agent, family, care, guardian
  for_kind TEXT NOT NULL,          -- firm, person
  for_id TEXT NOT NULL,
  holder_id TEXT NOT NULL,         -- empty while only a phone is known
  phone_key TEXT NOT NULL,         -- blind index of the phone of somebody invited, or empty
  named {{blob}},                  -- the holder as the giver named them
  items {{json}} NOT NULL,
  acts {{json}} NOT NULL,
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL,         -- the last day, included
  until_ms BIGINT NOT NULL,        -- the first moment after it, Asia/Shanghai
  state TEXT NOT NULL,             -- asked, active, ended
  why TEXT NOT NULL,
  ground TEXT NOT NULL,            -- self, signed, registry, present, notarised
  relation {{blob}},
  basis {{blob}},
  given_by TEXT NOT NULL,          -- "person:<id>" or "staff:<id>"
  agency TEXT NOT NULL,
  signature TEXT NOT NULL,
  legal_key TEXT NOT NULL,         -- agents: blind index of the legal representative who appointed or confirmed
  asked_ms BIGINT NOT NULL,
  answer_by_ms BIGINT NOT NULL,
  accepted_ms BIGINT NOT NULL,     -- 0 = never
  confirm_by_ms BIGINT NOT NULL,   -- 0 = nothing to confirm
  ended_ms BIGINT NOT NULL,        -- 0 = not
  checked_ms BIGINT NOT NULL       -- when a registry was last asked whether it still rests on something
);
CREATE INDEX mandate_mandate_holder ON mandate_mandate (holder_id, for_kind, for_id, state);
CREATE INDEX mandate_mandate_for ON mandate_mandate (for_kind, for_id, state);
CREATE INDEX mandate_mandate_phone ON mandate_mandate (phone_key);
CREATE INDEX mandate_mandate_by ON mandate_mandate (given_by, id);
CREATE INDEX mandate_mandate_checked ON mandate_mandate (state, checked_ms);
CREATE TABLE mandate_act (
  id TEXT PRIMARY KEY,
  mandate_id TEXT NOT NULL REFERENCES mandate_mandate (id),
  by_person TEXT NOT NULL,
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  what {{blob}},
  at_ms BIGINT NOT NULL
);
CREATE INDEX mandate_act_mandate ON mandate_act (mandate_id, id);
CREATE TABLE mandate_step (
  id TEXT PRIMARY KEY,
  mandate_id TEXT NOT NULL REFERENCES mandate_mandate (id),
  what TEXT NOT NULL,              -- asked, accepted, confirm_asked, confirmed, expiring, or why it ended
  by_whom TEXT NOT NULL,           -- giver, holder, desk, system
  at_ms BIGINT NOT NULL
);
CREATE INDEX mandate_step_mandate ON mandate_step (mandate_id, id);
CREATE TABLE mandate_draft (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,             -- "person:<id>"
  body {{blob}} NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE INDEX mandate_draft_updated ON mandate_draft (updated_ms);
-- Whoever gives somebody a mandate touches that person's row first: overlaps and limits are then decided one after the other on both engines.
CREATE TABLE mandate_lock (
  key TEXT PRIMARY KEY,
  n BIGINT NOT NULL
);
CREATE TABLE mandate_try (
  key TEXT PRIMARY KEY,            -- who and which day
  n BIGINT NOT NULL,
  day TEXT NOT NULL
);
