-- +goose Up
CREATE TABLE notify_template (
  id TEXT PRIMARY KEY,          -- key, e.g. case.accepted
  doc {{json}} NOT NULL,
  pack_sum TEXT NOT NULL,
  version BIGINT NOT NULL
);

-- One row for each channel of a message. body and phone are sealed.
CREATE TABLE notify_message (
  id TEXT PRIMARY KEY,
  msg_key TEXT NOT NULL,        -- the caller's key: the same message is written once
  channel TEXT NOT NULL,        -- app, sms
  template TEXT NOT NULL,
  person TEXT NOT NULL,         -- identity's person id; empty for a text to a number alone
  phone {{blob}},
  body {{blob}} NOT NULL,
  link TEXT NOT NULL,           -- a path of this site
  state TEXT NOT NULL,          -- queued, sent, delivered, failed
  provider TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  problem TEXT NOT NULL,        -- the provider's code or one of ours
  until_ms BIGINT NOT NULL,     -- pointless after; 0 = never
  created_ms BIGINT NOT NULL,
  sent_ms BIGINT NOT NULL,
  done_ms BIGINT NOT NULL,      -- delivered or failed
  UNIQUE (msg_key, channel)
);
CREATE INDEX notify_message_person ON notify_message (person, id) WHERE channel = 'app';

CREATE TABLE notify_read (
  message_id TEXT PRIMARY KEY,
  read_ms BIGINT NOT NULL
);

-- Delivery reports already taken, so that a copied one is refused.
CREATE TABLE notify_nonce (
  provider TEXT NOT NULL,
  nonce TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (provider, nonce)
);
CREATE INDEX notify_nonce_at ON notify_nonce (at_ms);
