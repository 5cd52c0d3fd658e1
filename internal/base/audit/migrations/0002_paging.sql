-- +goose Up
-- Lists are paged by id, and ids grow with time: who saw my data, what became of a case, what did this officer do.
CREATE INDEX audit_entry_subject_id ON audit_entry (subject, id);
CREATE INDEX audit_entry_actor_id ON audit_entry (actor, id);
DROP INDEX audit_entry_subject;
