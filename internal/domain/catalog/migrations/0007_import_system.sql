-- +goose Up
ALTER TABLE catalog_import ADD COLUMN system TEXT NOT NULL DEFAULT ''; -- whose codes the list has; '' are the national tables
