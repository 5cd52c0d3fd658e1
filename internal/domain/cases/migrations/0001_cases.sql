-- +goose Up
CREATE TABLE cases_case (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  outcome TEXT NOT NULL,
  version BIGINT NOT NULL,
  files_version BIGINT NOT NULL,   -- moves with every file, so that a submission sees the files it checked
  item_key TEXT NOT NULL,
  item_name TEXT NOT NULL,
  item_version INTEGER NOT NULL,
  form_version INTEGER NOT NULL,
  flow_version INTEGER NOT NULL,
  agency TEXT NOT NULL,
  agency_name TEXT NOT NULL,
  region TEXT NOT NULL,
  post TEXT NOT NULL,              -- that has it now
  step TEXT NOT NULL,
  step_name TEXT NOT NULL,
  step_kind TEXT NOT NULL,
  taken_by TEXT NOT NULL,
  applicant_kind TEXT NOT NULL,
  person_id TEXT NOT NULL,         -- the applicant, or for a firm the acting person
  firm_id TEXT NOT NULL,
  clerk_id TEXT NOT NULL,
  owner TEXT NOT NULL,             -- who writes on the draft
  client_key TEXT NOT NULL,
  subject TEXT NOT NULL,           -- blind index of the applicant's number
  phone_blind TEXT NOT NULL,
  channel TEXT NOT NULL,
  round INTEGER NOT NULL,
  parent_id TEXT NOT NULL,
  ord INTEGER NOT NULL,
  handled_by TEXT NOT NULL,
  licence_id TEXT NOT NULL,
  case_no TEXT,
  query_blind TEXT,
  query_code {{blob}},
  content {{blob}},                -- answers and contact
  summary {{blob}},                -- applicant's name and number
  flow_state {{json}} NOT NULL,    -- steps and staff ids
  away {{bool}} NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  submitted_ms BIGINT NOT NULL,
  received_ms BIGINT NOT NULL,
  accepted_ms BIGINT NOT NULL,
  decided_ms BIGINT NOT NULL,
  delivered_ms BIGINT NOT NULL,
  concluded_ms BIGINT NOT NULL,
  phase TEXT NOT NULL,
  due_ms BIGINT NOT NULL,          -- legal
  promised_ms BIGINT NOT NULL,
  step_due_ms BIGINT NOT NULL,
  paused {{bool}} NOT NULL,
  left_n INTEGER NOT NULL,
  provisional {{bool}} NOT NULL,
  sort_ms BIGINT NOT NULL,         -- what binds first; far away when nothing runs
  UNIQUE (owner, client_key)
);
CREATE UNIQUE INDEX cases_case_no ON cases_case (case_no) WHERE case_no IS NOT NULL;
CREATE UNIQUE INDEX cases_case_query ON cases_case (query_blind) WHERE query_blind IS NOT NULL;
CREATE INDEX cases_case_post ON cases_case (post, state, sort_ms, id);
CREATE INDEX cases_case_agency ON cases_case (agency, state, sort_ms, id);
CREATE INDEX cases_case_region ON cases_case (region, sort_ms, id);
CREATE INDEX cases_case_person ON cases_case (person_id, id);
CREATE INDEX cases_case_firm ON cases_case (firm_id, id);
CREATE INDEX cases_case_subject ON cases_case (subject, id);
CREATE INDEX cases_case_phone ON cases_case (phone_blind, id);
CREATE INDEX cases_case_state ON cases_case (state, updated_ms);

CREATE TABLE cases_event (
  case_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at_ms BIGINT NOT NULL,           -- when it takes effect; deemed acceptance is dated back
  recorded_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  data {{json}} NOT NULL,          -- ids, numbers and dates only
  version BIGINT NOT NULL,         -- of the case after the act
  request TEXT NOT NULL,           -- keyed hash of the act's input: a repeat is known by it
  PRIMARY KEY (case_id, seq)
);
CREATE INDEX cases_event_actor ON cases_event (actor, case_id);

CREATE TABLE cases_history (
  case_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  PRIMARY KEY (case_id, version)
);

CREATE TABLE cases_material (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  material TEXT NOT NULL,
  source TEXT NOT NULL,
  client_key TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  name {{blob}},
  proof {{blob}},
  size BIGINT NOT NULL,
  mime TEXT NOT NULL,
  round INTEGER NOT NULL,
  removed_round INTEGER NOT NULL,  -- -1 while it is part of the application
  added_by TEXT NOT NULL,
  added_ms BIGINT NOT NULL,
  checked_by TEXT NOT NULL,
  checked_ms BIGINT NOT NULL,
  UNIQUE (case_id, client_key)
);
CREATE INDEX cases_material_case ON cases_material (case_id, id);

CREATE TABLE cases_snapshot (
  case_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  content {{blob}},
  files {{json}} NOT NULL,         -- ids
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (case_id, round)
);

CREATE TABLE cases_correction (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  UNIQUE (case_id, round)
);

CREATE TABLE cases_defect (
  id TEXT PRIMARY KEY,
  correction_id TEXT NOT NULL,
  ord INTEGER NOT NULL,
  kind TEXT NOT NULL,
  path TEXT NOT NULL,
  text {{blob}}
);
CREATE INDEX cases_defect_correction ON cases_defect (correction_id, ord);

CREATE TABLE cases_opinion (             -- opinions, decisions and refusals to accept
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  step TEXT NOT NULL,
  outcome TEXT NOT NULL,
  body {{blob}},
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX cases_opinion_case ON cases_opinion (case_id, id);

CREATE TABLE cases_inspection (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  step TEXT NOT NULL,
  officers {{json}} NOT NULL,      -- staff ids
  photos {{json}} NOT NULL,        -- file ids
  pass {{bool}} NOT NULL,
  body {{blob}},                   -- results and conclusion
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX cases_inspection_case ON cases_inspection (case_id, id);

CREATE TABLE cases_visit (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  client_key TEXT NOT NULL,
  purpose TEXT NOT NULL,
  staff TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  UNIQUE (case_id, client_key)
);

CREATE TABLE cases_series (              -- serial numbers of a code and a day
  code TEXT NOT NULL,
  day TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (code, day)
);

CREATE TABLE cases_alarm (               -- deadlines that were told, each once
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  due_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, kind, due_ms)
);
