-- +goose Up
CREATE TABLE webhook_subscription (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  wide INTEGER NOT NULL,           -- 1: all agencies of its region and below
  url {{blob}} NOT NULL,           -- sealed: addresses may hold keys
  data {{json}} NOT NULL,
  state TEXT NOT NULL,             -- on, off
  since_ms BIGINT NOT NULL,        -- of the state
  version BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  made_ms BIGINT NOT NULL
);
CREATE INDEX webhook_subscription_agency ON webhook_subscription (agency);

CREATE TABLE webhook_health (
  sub_id TEXT PRIMARY KEY REFERENCES webhook_subscription (id),
  failures BIGINT NOT NULL,        -- in a row
  failing_ms BIGINT NOT NULL,      -- since when; 0 = the last one was taken
  paused_ms BIGINT NOT NULL,       -- 0 = not paused
  probe_ms BIGINT NOT NULL,        -- when to look again while paused
  probes BIGINT NOT NULL,          -- since it was paused
  ok_ms BIGINT NOT NULL,           -- the last one taken
  why TEXT NOT NULL                -- of the last failure
);

CREATE TABLE webhook_secret (
  id TEXT PRIMARY KEY,
  sub_id TEXT NOT NULL REFERENCES webhook_subscription (id),
  secret {{blob}} NOT NULL,        -- sealed
  made_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL         -- 0 = until it is changed
);
CREATE INDEX webhook_secret_sub ON webhook_secret (sub_id, made_ms);

CREATE TABLE webhook_delivery (
  id TEXT PRIMARY KEY,
  sub_id TEXT NOT NULL REFERENCES webhook_subscription (id),
  event_id TEXT NOT NULL,
  replay TEXT NOT NULL,            -- empty the first time
  topic TEXT NOT NULL,
  case_id TEXT NOT NULL,
  case_no TEXT NOT NULL,
  state TEXT NOT NULL,             -- waiting, sending, done, dead, resent (was dead, sent again)
  attempts BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  next_ms BIGINT NOT NULL,
  lease_ms BIGINT NOT NULL,
  expire_ms BIGINT NOT NULL,       -- not tried after it
  ended_ms BIGINT NOT NULL,
  status BIGINT NOT NULL,          -- HTTP status of the last attempt; 0 = none came
  why TEXT NOT NULL,
  UNIQUE (sub_id, event_id, replay)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (sub_id, event_id) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_delivery_lane ON webhook_delivery (sub_id, case_id, event_id) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_delivery_expire ON webhook_delivery (expire_ms) WHERE state IN ('waiting', 'sending');
CREATE INDEX webhook_delivery_list ON webhook_delivery (sub_id, state, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_ms) WHERE state IN ('done', 'dead', 'resent');

CREATE TABLE webhook_attempt (
  id TEXT PRIMARY KEY,
  sub_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,       -- empty for a test message
  at_ms BIGINT NOT NULL,
  took_ms BIGINT NOT NULL,
  status BIGINT NOT NULL,
  why TEXT NOT NULL,
  answer {{blob}}                  -- sealed: its first 200 characters
);
CREATE INDEX webhook_attempt_delivery ON webhook_attempt (delivery_id, id);
CREATE INDEX webhook_attempt_at ON webhook_attempt (at_ms);

CREATE TABLE webhook_replay (
  id TEXT PRIMARY KEY,
  sub_id TEXT NOT NULL REFERENCES webhook_subscription (id),
  dead INTEGER NOT NULL,           -- 1: only what is parked
  from_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  next_ms BIGINT NOT NULL,         -- where to go on
  found BIGINT NOT NULL,
  state TEXT NOT NULL,             -- running, done
  by_staff TEXT NOT NULL,
  made_ms BIGINT NOT NULL
);
CREATE INDEX webhook_replay_sub ON webhook_replay (sub_id, id);
