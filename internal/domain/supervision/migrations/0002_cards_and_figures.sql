-- +goose Up
-- Where a case waits, for the figures.
ALTER TABLE supervision_watch ADD COLUMN step TEXT NOT NULL DEFAULT '';
ALTER TABLE supervision_watch ADD COLUMN step_name TEXT NOT NULL DEFAULT '';
ALTER TABLE supervision_watch ADD COLUMN step_due_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX supervision_watch_wait ON supervision_watch (agency, item, step, region, status, step_due_ms, step_name) WHERE status <> 'ended';
CREATE INDEX supervision_watch_agency ON supervision_watch (agency, region, agency_name);
CREATE INDEX supervision_watch_item ON supervision_watch (item, region, item_name);

-- The card of an alarm. An alarm from before has no month yet; the next sweep gives it one, with a date for its explanation.
ALTER TABLE supervision_alarm ADD COLUMN item TEXT NOT NULL DEFAULT '';
ALTER TABLE supervision_alarm ADD COLUMN month TEXT NOT NULL DEFAULT '';            -- YYYY-MM in which it came to be
ALTER TABLE supervision_alarm ADD COLUMN version BIGINT NOT NULL DEFAULT 1;         -- number of its last step
ALTER TABLE supervision_alarm ADD COLUMN points INTEGER NOT NULL DEFAULT 0;
ALTER TABLE supervision_alarm ADD COLUMN state_before TEXT NOT NULL DEFAULT '';           -- state before cancelling was proposed
ALTER TABLE supervision_alarm ADD COLUMN proposed_by TEXT NOT NULL DEFAULT '';      -- who proposed it
ALTER TABLE supervision_alarm ADD COLUMN explained {{bool}} NOT NULL DEFAULT FALSE;
ALTER TABLE supervision_alarm ADD COLUMN urged {{bool}} NOT NULL DEFAULT FALSE;
ALTER TABLE supervision_alarm ADD COLUMN explain_due_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE supervision_alarm ADD COLUMN urge_due_ms BIGINT NOT NULL DEFAULT 0;     -- of an urging that is not answered
ALTER TABLE supervision_alarm ADD COLUMN owed_ms BIGINT NOT NULL DEFAULT 0;         -- when something is overdue next; 0 = nothing runs
CREATE INDEX supervision_alarm_month ON supervision_alarm (month, agency);
CREATE INDEX supervision_alarm_owed ON supervision_alarm (owed_ms) WHERE owed_ms > 0;

CREATE TABLE supervision_step (          -- history of a card; only ever added to
  alarm_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  act TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  text {{blob}},                         -- sealed
  state TEXT NOT NULL,                   -- after it
  level TEXT NOT NULL,
  due_ms BIGINT NOT NULL,
  PRIMARY KEY (alarm_id, seq)
);

CREATE TABLE supervision_evidence (      -- the cases or ratings that led to an alarm over a day
  alarm_id TEXT NOT NULL,
  ref TEXT NOT NULL,                     -- case id, or rating:<id>
  case_no TEXT NOT NULL,
  what TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (alarm_id, ref)
);

CREATE TABLE supervision_threshold (     -- limits as regions set them; only ever added to
  id TEXT PRIMARY KEY,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  valid_from TEXT NOT NULL,              -- date
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);

CREATE TABLE supervision_deed (          -- what officers did outside office hours
  staff TEXT NOT NULL,
  day TEXT NOT NULL,
  agency TEXT NOT NULL,
  case_id TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  what TEXT NOT NULL,                    -- topic of the event
  case_no TEXT NOT NULL,
  PRIMARY KEY (staff, day, agency, case_id, at_ms, what)
);

CREATE TABLE supervision_rating (        -- that a rating was given; no case, no person
  rating_id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  day TEXT NOT NULL,
  item TEXT NOT NULL,
  grade INTEGER NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX supervision_rating_day ON supervision_rating (agency, day);

CREATE TABLE supervision_stay (          -- one stay of a case in a step: the rows behind supervision_tally
  case_id TEXT NOT NULL,
  step TEXT NOT NULL,
  entered_ms BIGINT NOT NULL,
  left_ms BIGINT NOT NULL,
  took_ms BIGINT NOT NULL,
  late INTEGER NOT NULL,                 -- 1 when it was left after its limit
  month TEXT NOT NULL,                   -- of leaving
  case_no TEXT NOT NULL,
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  item TEXT NOT NULL,
  step_name TEXT NOT NULL,
  PRIMARY KEY (case_id, step, entered_ms)
);
CREATE INDEX supervision_stay_drill ON supervision_stay (month, agency, item, step, region, late, took_ms);
CREATE INDEX supervision_stay_longest ON supervision_stay (took_ms, case_id, step, entered_ms);

CREATE TABLE supervision_tally (         -- stays of a month
  month TEXT NOT NULL,
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  item TEXT NOT NULL,
  step TEXT NOT NULL,
  step_name TEXT NOT NULL,
  n BIGINT NOT NULL,
  late BIGINT NOT NULL,
  took_ms BIGINT NOT NULL,
  spread TEXT NOT NULL,                  -- how many took up to so many hours: "1:3 2:5"
  PRIMARY KEY (month, region, agency, item, step)
);

CREATE TABLE supervision_close (         -- one case that is over: the rows behind supervision_closed
  case_id TEXT PRIMARY KEY,
  case_no TEXT NOT NULL,
  month TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  item TEXT NOT NULL,
  timed INTEGER NOT NULL,                -- 1 when it was decided and a period was promised
  promised INTEGER NOT NULL,             -- working days
  actual INTEGER NOT NULL,
  longer INTEGER NOT NULL,               -- 1 when it took longer than promised
  planned INTEGER NOT NULL,              -- trips
  trips INTEGER NOT NULL,
  more INTEGER NOT NULL,                 -- 1 when there were more than planned
  reused INTEGER NOT NULL,               -- materials
  uploaded INTEGER NOT NULL
);
CREATE INDEX supervision_close_drill ON supervision_close (month, agency, item, at_ms);

CREATE TABLE supervision_closed (        -- cases over in a month
  month TEXT NOT NULL,
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  item TEXT NOT NULL,
  n BIGINT NOT NULL,
  timed BIGINT NOT NULL,
  promised BIGINT NOT NULL,
  actual BIGINT NOT NULL,
  longer BIGINT NOT NULL,
  planned BIGINT NOT NULL,
  trips BIGINT NOT NULL,
  more BIGINT NOT NULL,
  reused BIGINT NOT NULL,
  uploaded BIGINT NOT NULL,
  PRIMARY KEY (month, region, agency, item)
);
