-- +goose Up
-- An import of a list is a piece of work: stored, checked, loaded in batches. Rows of earlier releases are done.
ALTER TABLE catalog_import ADD COLUMN name TEXT NOT NULL DEFAULT '';       -- of the file
ALTER TABLE catalog_import ADD COLUMN file TEXT NOT NULL DEFAULT '';       -- in the file store; '' once it is over
ALTER TABLE catalog_import ADD COLUMN sum TEXT NOT NULL DEFAULT '';        -- of the file's bytes
ALTER TABLE catalog_import ADD COLUMN state TEXT NOT NULL DEFAULT 'done';  -- checking, checked, loading, done, cancelled, failed
ALTER TABLE catalog_import ADD COLUMN straight {{bool}} NOT NULL DEFAULT FALSE; -- goes from checked to loading by itself
ALTER TABLE catalog_import ADD COLUMN agency TEXT NOT NULL DEFAULT '';     -- of who imports
ALTER TABLE catalog_import ADD COLUMN via TEXT NOT NULL DEFAULT '';
ALTER TABLE catalog_import ADD COLUMN behind BIGINT NOT NULL DEFAULT 0;    -- records that were dealt with in this state
ALTER TABLE catalog_import ADD COLUMN began_ms BIGINT NOT NULL DEFAULT 0;  -- of the state
ALTER TABLE catalog_import ADD COLUMN updated_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE catalog_import ADD COLUMN problem TEXT NOT NULL DEFAULT '';    -- why it failed: text key and parameters as JSON
CREATE TABLE catalog_import_part (     -- all findings of the loaded rows as CSV, one compressed piece a batch
  import TEXT NOT NULL,
  behind BIGINT NOT NULL,              -- value of the import's behind after the batch
  body {{blob}} NOT NULL,
  PRIMARY KEY (import, behind)
);
