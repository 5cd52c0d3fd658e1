-- +goose Up
CREATE TABLE counter_shift (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  agency TEXT NOT NULL,
  desk TEXT NOT NULL,           -- number of the window, as painted over it
  from_ms BIGINT NOT NULL,
  to_ms BIGINT NOT NULL,        -- 0: it goes on
  note {{blob}},                -- sealed: handover to the next shift
  figures {{json}} NOT NULL,    -- as of its end
  taken_by TEXT NOT NULL,       -- staff id of who read the note and took over
  taken_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX counter_shift_open ON counter_shift (staff) WHERE to_ms = 0;
CREATE INDEX counter_shift_agency ON counter_shift (agency, from_ms);

CREATE TABLE counter_visitor (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,           -- self, firm, other, enquiry
  subject TEXT NOT NULL,        -- blind index of the number of who is present
  for_subject TEXT NOT NULL,    -- of the firm or person they stand there for
  person_id TEXT NOT NULL,
  who {{blob}},                 -- sealed; nothing for an enquiry, and after it was erased
  why {{blob}},                 -- sealed
  source TEXT NOT NULL,         -- reader, wedge, typed, none
  purpose TEXT NOT NULL,        -- apply, fetch, correct, ask
  result TEXT NOT NULL,
  desk TEXT NOT NULL,
  arrived_ms BIGINT NOT NULL,
  called_ms BIGINT NOT NULL,
  ended_ms BIGINT NOT NULL,
  signed_by TEXT NOT NULL,
  served_by TEXT NOT NULL
);
CREATE INDEX counter_visitor_day ON counter_visitor (agency, day, arrived_ms);
CREATE INDEX counter_visitor_served ON counter_visitor (served_by, ended_ms);

CREATE TABLE counter_line (     -- a case somebody came for
  visitor_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (visitor_id, case_id, purpose)
);
CREATE INDEX counter_line_case ON counter_line (case_id);

CREATE TABLE counter_read (     -- a question to a reader that was not answered yet
  nonce TEXT PRIMARY KEY,       -- hashed
  staff TEXT NOT NULL,
  expires_ms BIGINT NOT NULL
);

CREATE TABLE counter_phone (
  id TEXT PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,   -- hashed
  case_id TEXT NOT NULL,
  staff TEXT NOT NULL,
  agency TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  closed_ms BIGINT NOT NULL,
  files INTEGER NOT NULL,       -- taken so far, also those that were thrown away
  bytes BIGINT NOT NULL
);
CREATE INDEX counter_phone_case ON counter_phone (case_id);

CREATE TABLE counter_page (
  id TEXT PRIMARY KEY,
  phone_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  material TEXT NOT NULL,
  client_key TEXT NOT NULL,
  name {{blob}} NOT NULL,       -- sealed
  origin {{blob}},              -- sealed network address of the phone
  blob_id TEXT NOT NULL,        -- empty once it was confirmed or thrown away
  size BIGINT NOT NULL,
  mime TEXT NOT NULL,
  state TEXT NOT NULL,          -- waiting, taken, dropped
  file_id TEXT NOT NULL,        -- of the case, once taken
  at_ms BIGINT NOT NULL,
  UNIQUE (phone_id, client_key)
);
CREATE INDEX counter_page_case ON counter_page (case_id, state);
