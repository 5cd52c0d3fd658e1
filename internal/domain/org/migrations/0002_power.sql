-- +goose Up
-- An account begins and ends at an instant (0 = not limited); moves_ms says from when next_agency is its agency.
ALTER TABLE org_staff ADD COLUMN begins_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE org_staff ADD COLUMN ends_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE org_staff ADD COLUMN next_agency TEXT NOT NULL DEFAULT '';
ALTER TABLE org_staff ADD COLUMN moves_ms BIGINT NOT NULL DEFAULT 0;

-- Who holds which post from when until when. until_ms is the first instant it no longer holds; 0 = open.
CREATE TABLE org_holding (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL,
  post TEXT NOT NULL,
  stands_for TEXT NOT NULL,     -- account stood in for, empty for one's own post
  from_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  proposal TEXT NOT NULL        -- the reviewed act it came by; empty: a pack or command
);
CREATE INDEX org_holding_staff ON org_holding (staff);

-- doc is the change and reason its reason, both sealed.
CREATE TABLE org_proposal (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  staff TEXT NOT NULL,          -- account it is about, or empty
  doc {{blob}} NOT NULL,
  reason {{blob}} NOT NULL,
  by_staff TEXT NOT NULL,
  by_for TEXT NOT NULL,         -- whom the proposer stood in for
  at_ms BIGINT NOT NULL,
  needs INTEGER NOT NULL,       -- approvals it takes
  state TEXT NOT NULL           -- open, acted, approved, refused, dropped
);
CREATE INDEX org_proposal_state ON org_proposal (state, id);
CREATE INDEX org_proposal_staff ON org_proposal (staff, id);

CREATE TABLE org_review (
  proposal TEXT NOT NULL,
  by_staff TEXT NOT NULL,
  by_for TEXT NOT NULL,
  approved {{bool}} NOT NULL,
  note {{blob}},
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (proposal, by_staff)
);

-- doc holds the rows of a table of staff and findings what is wrong with them, both sealed.
CREATE TABLE org_import (
  id TEXT PRIMARY KEY,
  by_staff TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  doc {{blob}} NOT NULL,
  findings {{blob}} NOT NULL,
  state TEXT NOT NULL,          -- checked, proposed, approved, refused, done
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,         -- rows gone through
  made BIGINT NOT NULL,         -- rows that changed something
  proposal TEXT NOT NULL
);

-- Accounts so far had roles and posts of their own. A role becomes a basic post of the agency that carries it, and both become holdings.
INSERT INTO org_post (id, owner, doc, pack_sum, version)
SELECT DISTINCT s.agency || '-role-' || r.word, s.agency,
  CAST('{"key":"' || s.agency || '-role-' || r.word || '","agency":"' || s.agency || '","name":"","acts":[],"items":[],"roles":["' || r.role || '"],"basic":true}' AS {{json}}), '', 1
FROM org_staff s JOIN (
  SELECT 'clerk' AS role, 'clerk' AS word UNION ALL SELECT 'officer', 'officer' UNION ALL SELECT 'supervisor', 'supervisor' UNION ALL
  SELECT 'item_office', 'item-office' UNION ALL SELECT 'admin', 'admin' UNION ALL SELECT 'security', 'security' UNION ALL
  SELECT 'auditor', 'auditor' UNION ALL SELECT 'operator', 'operator'
) r ON CAST(s.roles AS TEXT) LIKE '%"' || r.role || '"%'
WHERE NOT EXISTS (SELECT 1 FROM org_post p WHERE p.id = s.agency || '-role-' || r.word);

INSERT INTO org_holding (id, staff, post, stands_for, from_ms, until_ms, proposal)
SELECT 'first:' || s.id || ':' || s.agency || '-role-' || r.word, s.id, s.agency || '-role-' || r.word, '', 0, 0, ''
FROM org_staff s JOIN (
  SELECT 'clerk' AS role, 'clerk' AS word UNION ALL SELECT 'officer', 'officer' UNION ALL SELECT 'supervisor', 'supervisor' UNION ALL
  SELECT 'item_office', 'item-office' UNION ALL SELECT 'admin', 'admin' UNION ALL SELECT 'security', 'security' UNION ALL
  SELECT 'auditor', 'auditor' UNION ALL SELECT 'operator', 'operator'
) r ON CAST(s.roles AS TEXT) LIKE '%"' || r.role || '"%';

INSERT INTO org_holding (id, staff, post, stands_for, from_ms, until_ms, proposal)
SELECT 'first:' || s.id || ':' || p.id, s.id, p.id, '', 0, 0, ''
FROM org_staff s JOIN org_post p ON CAST(s.posts AS TEXT) LIKE '%"' || p.id || '"%';

UPDATE org_version SET version = version + 1 WHERE one = 1;
