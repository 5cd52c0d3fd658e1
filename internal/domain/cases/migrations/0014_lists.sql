-- +goose Up
-- Lists are read from one index range a place: newest first of an agency, of one of its items, of a region; by what binds first of an agency, a region
-- or everywhere; the cases a post ever had a part of; and the oldest case that still runs.
CREATE INDEX cases_case_agency_new ON cases_case (agency, id);
CREATE INDEX cases_case_item_new ON cases_case (agency, item_key, id);
CREATE INDEX cases_case_region_new ON cases_case (region, id);
CREATE INDEX cases_case_region_item ON cases_case (region, item_key, id);
CREATE INDEX cases_case_agency_due ON cases_case (agency, sort_ms, id);
CREATE INDEX cases_case_due ON cases_case (sort_ms, id);
CREATE INDEX cases_case_running ON cases_case (id) WHERE phase NOT IN ('none', 'ended');
CREATE INDEX cases_task_post ON cases_task (post, case_id, id);
DROP INDEX cases_case_post;
DROP INDEX cases_case_agency;
