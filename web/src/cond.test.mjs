// Runs compiled cond.ts over a file of vectors: node cond.test.mjs <cond.mjs> <vectors.json>. The Go test of internal/engine/cond calls it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [compiled, vectors] = process.argv.slice(2);
const { evaluate, fields } = await import(pathToFileURL(compiled).href);
const { cases } = JSON.parse(readFileSync(vectors, "utf8"));
assert.ok(cases.length > 0, "no vectors");
for (const c of cases) {
  const where = `${c.name ?? ""} ${JSON.stringify(c.expr)} on ${JSON.stringify(c.answers)}`;
  assert.equal(evaluate(c.expr, (f) => c.answers[f]), c.want, where);
  if (c.fields) assert.deepEqual(fields(c.expr), c.fields, where);
}
process.stdout.write(`${cases.length} vectors\n`);
