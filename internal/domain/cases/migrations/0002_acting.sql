-- +goose Up
-- Who acts for the applicant: the person, and the mandate that lets them; empty where the applicant acts. At a window there is no mandate but a
-- recorded basis, sealed: who stood there, and on what.
ALTER TABLE cases_case ADD COLUMN acting_id TEXT NOT NULL DEFAULT '';
ALTER TABLE cases_case ADD COLUMN mandate_id TEXT NOT NULL DEFAULT '';
ALTER TABLE cases_case ADD COLUMN behalf {{blob}};

-- Sealed SM3 of an upload, so that a signature can cover the file; empty for files from before.
ALTER TABLE cases_material ADD COLUMN digest {{blob}};

CREATE TABLE cases_signature (           -- the electronic signature of a submission; the evidence is with who keeps the keys
  case_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  signature_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  text {{blob}},                         -- exactly what was signed
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (case_id, round)
);
