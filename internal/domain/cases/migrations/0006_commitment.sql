-- +goose Up
-- When what was promised for after the acceptance (容缺受理) is due; 0: nothing is missing.
ALTER TABLE cases_case ADD COLUMN later_ms BIGINT NOT NULL DEFAULT 0;

-- What an applicant chose for the next submission: "later:<material>" or "promise".
CREATE TABLE cases_choice (
  case_id TEXT NOT NULL,
  what TEXT NOT NULL,
  actor TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, what)
);

-- How a region accepts with materials missing, where the item does not say.
CREATE TABLE cases_later_rule (
  region TEXT PRIMARY KEY,
  n INTEGER NOT NULL,
  unit TEXT NOT NULL,
  clock TEXT NOT NULL            -- runs, waits
);
