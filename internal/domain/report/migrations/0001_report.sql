-- +goose Up
CREATE TABLE report_fact (               -- one thing that counts; only ever added to
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,                     -- case id, case id and round, rating id or alarm id
  case_id TEXT NOT NULL,                 -- empty where there is none or it is protected
  case_no TEXT NOT NULL,
  month TEXT NOT NULL,                   -- YYYY-MM of at_ms, Asia/Shanghai
  at_ms BIGINT NOT NULL,                 -- the day it counts for
  noted_ms BIGINT NOT NULL,              -- when it became known here
  region TEXT NOT NULL,
  agency TEXT NOT NULL,
  item TEXT NOT NULL,
  channel TEXT NOT NULL,
  outcome TEXT NOT NULL,                 -- of a decision; colour of a card
  on_time INTEGER NOT NULL,              -- 1 yes, 0 no, -1 no date was set
  days INTEGER NOT NULL,                 -- working days to the decision; -1 = not measured
  legal INTEGER NOT NULL,                -- working days the law allows; 0 = none set
  planned INTEGER NOT NULL,              -- trips
  trips INTEGER NOT NULL,
  reused INTEGER NOT NULL,               -- materials
  uploaded INTEGER NOT NULL,
  grade INTEGER NOT NULL,                -- of a rating
  PRIMARY KEY (kind, ref)
);
CREATE INDEX report_fact_month ON report_fact (month, region, kind, at_ms);

CREATE TABLE report_report (             -- the sealed numbers of a month and region
  id TEXT PRIMARY KEY,
  month TEXT NOT NULL,
  region TEXT NOT NULL,
  version INTEGER NOT NULL,              -- 0 while it is made
  state TEXT NOT NULL,                   -- making, sealed, same
  same_as TEXT NOT NULL,                 -- the report it repeats
  previous TEXT NOT NULL,                -- the version before
  cut_ms BIGINT NOT NULL,                -- facts noted later are not in it
  final {{bool}} NOT NULL,               -- the month was over at the cut
  staff TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  sealed_ms BIGINT NOT NULL,
  digest TEXT NOT NULL,
  late INTEGER NOT NULL                  -- facts noted after the previous version's cut
);
CREATE UNIQUE INDEX report_report_making ON report_report (month, region) WHERE state = 'making';
CREATE INDEX report_report_region ON report_report (region, month, version);

CREATE TABLE report_line (
  report_id TEXT NOT NULL,
  breakdown TEXT NOT NULL,               -- total, agency, item, channel
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  numbers {{json}} NOT NULL,
  PRIMARY KEY (report_id, breakdown, key)
);

CREATE TABLE report_export (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  agency TEXT NOT NULL,
  region TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- inbox, region, report, facts
  filter {{blob}},                       -- sealed
  format TEXT NOT NULL,
  lang TEXT NOT NULL,
  state TEXT NOT NULL,                   -- making, ready, failed, dropped
  problem TEXT NOT NULL,                 -- text key
  after_key TEXT NOT NULL,               -- where the walk stands
  walked {{bool}} NOT NULL,              -- the list is at its end
  parts INTEGER NOT NULL,
  count INTEGER NOT NULL,                -- rows
  blob_id TEXT NOT NULL,
  size BIGINT NOT NULL,
  digest TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  finished_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  seen {{bool}} NOT NULL                 -- its owner was told
);
CREATE INDEX report_export_staff ON report_export (staff, id);
CREATE INDEX report_export_unseen ON report_export (staff) WHERE finished_ms > 0 AND NOT seen;

CREATE TABLE report_part (               -- rows of an export so far
  export_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  blob_id TEXT NOT NULL,
  PRIMARY KEY (export_id, n)
);
