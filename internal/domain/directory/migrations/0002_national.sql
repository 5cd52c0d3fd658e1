-- +goose Up
-- What the importers knew of the national codes beside the tables becomes rows of the table. A new installation is filled at its first start.
INSERT INTO directory_mapping (system, list, there, here, takes, gives, note)
SELECT 'national', x.list, x.there, x.here, TRUE,
  x.gives = 1 AND NOT EXISTS (SELECT 1 FROM directory_mapping m WHERE m.system = 'national' AND m.list = x.list AND m.here = x.here AND m.gives), ''
FROM (
  SELECT 'unit' AS list, '2' AS there, 'naturalday' AS here, 1 AS gives
  UNION ALL SELECT 'unit', '3', 'month', 1
  UNION ALL SELECT 'unit', '4', 'hour', 1
  UNION ALL SELECT 'unit', 'G', 'workday', 0
  UNION ALL SELECT 'unit', 'Z', 'naturalday', 0
  UNION ALL SELECT 'result', '30', 'receipt', 0
  UNION ALL SELECT 'source', '10', 'self', 1
  UNION ALL SELECT 'source', '20', 'licence', 1
  UNION ALL SELECT 'source', '99', 'generated', 1
  UNION ALL SELECT 'source', '30', 'self', 0
) x
WHERE EXISTS (SELECT 1 FROM directory_mapping)
  AND NOT EXISTS (SELECT 1 FROM directory_mapping m WHERE m.system = 'national' AND m.list = x.list AND m.there = x.there);
INSERT INTO directory_mapping (system, list, there, here, takes, gives, note)
SELECT 'national', 'result', '99', x.here, FALSE, TRUE, ''
FROM (SELECT 'none' AS here UNION ALL SELECT 'receipt') x
WHERE EXISTS (SELECT 1 FROM directory_mapping)
  AND NOT EXISTS (SELECT 1 FROM directory_mapping m WHERE m.system = 'national' AND m.list = 'result' AND m.here = x.here AND m.gives);
-- Extensions of types have a code of their own in the tables.
UPDATE directory_mapping SET gives = FALSE WHERE system = 'national' AND list = 'type' AND here IN ('11', '21');
UPDATE directory_state SET version = version + 1 WHERE one = 1;
