-- +goose Up
-- What the list of base items is narrowed by, of the current version.
ALTER TABLE directory_base ADD COLUMN words TEXT NOT NULL DEFAULT '';     -- name, main item, sub-item, department and local code
ALTER TABLE directory_base ADD COLUMN item_type TEXT NOT NULL DEFAULT '';
ALTER TABLE directory_base ADD COLUMN state TEXT NOT NULL DEFAULT '1';
ALTER TABLE directory_base ADD COLUMN levels TEXT NOT NULL DEFAULT '';    -- codes of use_level, each between bars: |3|4|
{{sqlite}}UPDATE directory_base AS b SET (words, item_type, state, levels) = (SELECT
{{sqlite}}  COALESCE(json_extract(v.doc, '$.name'), '') || ' ' || COALESCE(json_extract(v.doc, '$.main_item'), '') || ' ' || COALESCE(json_extract(v.doc, '$.sub_item'), '') || ' ' ||
{{sqlite}}  COALESCE(json_extract(v.doc, '$.department'), '') || ' ' || COALESCE(json_extract(v.doc, '$.local_code'), ''),
{{sqlite}}  COALESCE(json_extract(v.doc, '$.item_type'), ''), v.state,
{{sqlite}}  '|' || COALESCE((SELECT group_concat(l.value, '|') FROM json_each(v.doc, '$.use_levels') l), '') || '|'
{{sqlite}}  FROM directory_version v WHERE v.code = b.code AND v.version = b.version)
{{sqlite}}  WHERE EXISTS (SELECT 1 FROM directory_version v WHERE v.code = b.code AND v.version = b.version);
{{postgres}}UPDATE directory_base b SET
{{postgres}}  words = concat_ws(' ', v.doc ->> 'name', v.doc ->> 'main_item', v.doc ->> 'sub_item', v.doc ->> 'department', v.doc ->> 'local_code'),
{{postgres}}  item_type = COALESCE(v.doc ->> 'item_type', ''), state = v.state,
{{postgres}}  levels = '|' || COALESCE((SELECT string_agg(l, '|') FROM jsonb_array_elements_text(CASE jsonb_typeof(v.doc -> 'use_levels') WHEN 'array' THEN v.doc -> 'use_levels' ELSE '[]' END) l), '') || '|'
{{postgres}}  FROM directory_version v WHERE v.code = b.code AND v.version = b.version;
