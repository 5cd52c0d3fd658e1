-- +goose Up
-- A licence that was changed, renewed or corrected is followed by another one under the same number (GB/T 36904: the next 版本号), which names it. So a
-- number, and a case, are told apart by their editions.
{{postgres}}ALTER TABLE licence_licence ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;
{{postgres}}ALTER TABLE licence_licence ADD COLUMN previous TEXT NOT NULL DEFAULT '';
{{postgres}}ALTER TABLE licence_licence DROP CONSTRAINT licence_licence_type_key_number_key;
{{postgres}}ALTER TABLE licence_licence DROP CONSTRAINT licence_licence_case_id_type_key_key;
{{sqlite}}CREATE TABLE licence_moved (id TEXT PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, number TEXT NOT NULL, type_key TEXT NOT NULL, type_version INTEGER NOT NULL, type_name TEXT NOT NULL, holder_kind TEXT NOT NULL, subject TEXT NOT NULL, person_id TEXT NOT NULL, firm_id TEXT NOT NULL, content {{blob}} NOT NULL, agency TEXT NOT NULL, case_id TEXT NOT NULL, item_key TEXT NOT NULL, state TEXT NOT NULL, reason {{blob}}, state_ms BIGINT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL, trust TEXT NOT NULL, test {{bool}} NOT NULL, sole {{bool}} NOT NULL, file_state TEXT NOT NULL, failure TEXT NOT NULL, blob_id TEXT NOT NULL, digest TEXT NOT NULL, issued_ms BIGINT NOT NULL, edition INTEGER NOT NULL DEFAULT 1, previous TEXT NOT NULL DEFAULT '');
{{sqlite}}INSERT INTO licence_moved SELECT id, identifier, number, type_key, type_version, type_name, holder_kind, subject, person_id, firm_id, content, agency, case_id, item_key, state, reason, state_ms, valid_from, valid_until, trust, test, sole, file_state, failure, blob_id, digest, issued_ms, 1, '' FROM licence_licence;
{{sqlite}}DROP TABLE licence_licence;
{{sqlite}}ALTER TABLE licence_moved RENAME TO licence_licence;
{{sqlite}}CREATE INDEX licence_licence_subject ON licence_licence (subject, type_key);
{{sqlite}}CREATE UNIQUE INDEX licence_licence_sole ON licence_licence (type_key, subject) WHERE sole AND state = 'valid';
{{sqlite}}CREATE INDEX licence_licence_failed ON licence_licence (issued_ms) WHERE file_state = 'failed';
CREATE UNIQUE INDEX licence_licence_number ON licence_licence (type_key, number, edition);
CREATE UNIQUE INDEX licence_licence_case ON licence_licence (case_id, type_key, edition);
CREATE UNIQUE INDEX licence_licence_previous ON licence_licence (previous) WHERE previous <> '';

CREATE TABLE licence_change (
  id TEXT PRIMARY KEY,
  licence_id TEXT NOT NULL,
  kind TEXT NOT NULL,           -- issue, change, renew, deemed_renew, rectify, or the state it came to; restored after a suspension
  from_state TEXT NOT NULL,     -- empty: this is where the licence begins
  to_state TEXT NOT NULL,
  at_ms BIGINT NOT NULL,        -- when it takes effect in law
  recorded_ms BIGINT NOT NULL,
  by_actor TEXT NOT NULL,
  ground TEXT NOT NULL,
  words {{blob}},               -- sealed: reason and legal basis
  case_id TEXT NOT NULL,
  paper_id TEXT NOT NULL,
  other TEXT NOT NULL           -- id of the licence before or after it
);
CREATE INDEX licence_change_licence ON licence_change (licence_id, at_ms);
