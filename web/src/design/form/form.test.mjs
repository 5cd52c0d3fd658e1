// Merging two versions of a form, and the acts on one. Run with the bundled modules: node form.test.mjs FILE.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const { difference, merged, chosen, m } = await import(pathToFileURL(process.argv[2]));
const words = { title: "title", order: "order", section: (s) => ({ label: s.title, lines: [s.title] }), field: (f) => ({ label: f.label, lines: [JSON.stringify(f)] }) };
const q = (key, more = {}) => ({ key, kind: "text", label: key, term: "t." + key, ...more });
const page = (key, ...fields) => ({ key, title: key, fields });
const form = (...sections) => ({ key: "f", title: "F", sections });
const keys = (d) => d.sections.map((s) => `${s.key}:${s.fields.map((f) => f.key).join(",")}`).join(" ");
const both = (base, mine, theirs) => difference(base, mine, theirs, words);

const base = form(page("a", q("x"), q("y")), page("b", q("z")));

// each changed another question: both changes are taken without asking
{
  const mine = form(page("a", q("x", { label: "mine" }), q("y")), page("b", q("z")));
  const theirs = form(page("a", q("x"), q("y")), page("b", q("z", { hint: "theirs" })));
  const rows = both(base, mine, theirs);
  assert.deepEqual(rows.map((r) => [r.key, r.by, r.take]), [["f:x", "mine", "mine"], ["f:z", "theirs", "theirs"]]);
  const d = merged(mine, theirs, chosen(rows));
  assert.equal(m.at(d, "/sections/0/fields/0").label, "mine");
  assert.equal(m.at(d, "/sections/1/fields/0").hint, "theirs");
}
// both added in the same place, one on a page of its own: all are there, each behind what it stood behind
{
  const mine = form(page("a", q("x"), q("m"), q("y")), page("b", q("z")));
  const theirs = form(page("a", q("x"), q("t"), q("y")), page("n", q("p")), page("b", q("z")));
  assert.equal(keys(merged(mine, theirs, chosen(both(base, mine, theirs)))), "a:x,t,m,y n:p b:z");
}
// one deleted what the other changed: a person decides, and nothing goes before that
{
  const mine = form(page("a", q("y")), page("b", q("z")));
  const theirs = form(page("a", q("x", { label: "new" }), q("y")), page("b", q("z")));
  const rows = both(base, mine, theirs);
  assert.deepEqual(rows.map((r) => [r.key, r.by, r.mine, r.take]), [["f:x", "both", undefined, "mine"]]);
  assert.equal(keys(merged(mine, theirs, { "f:x": "mine" })), "a:y b:z");
  assert.equal(keys(merged(mine, theirs, { "f:x": "theirs" })), "a:x,y b:z");
}
// one deleted a page, the other added to it: the page stays for the question that is kept
{
  const mine = form(page("a", q("x"), q("y")));
  const theirs = form(page("a", q("x"), q("y")), page("b", q("z"), q("w")));
  const rows = both(base, mine, theirs);
  assert.equal(keys(merged(mine, theirs, chosen(rows))), "a:x,y b:w");
}
// another order is one thing to decide, and entries in another order are none
{
  const mine = form(page("a", q("y"), q("x")), page("b", q("z")));
  const theirs = form(page("a", q("x", { label: "new" }), q("y")), page("b", { term: "t.z", label: "z", kind: "text", key: "z" }));
  const rows = both(base, mine, theirs);
  assert.deepEqual(rows.map((r) => [r.key, r.by]), [["f:x", "theirs"], ["order", "mine"]]);
  assert.equal(keys(merged(mine, theirs, chosen(rows))), "a:y,x b:z");
  assert.equal(keys(merged(mine, theirs, { ...chosen(rows), order: "theirs" })), "a:x,y b:z");
}
// random editors: taking one side everywhere gives that side's questions, and the preset never loses a question that only one side touched
{
  let seed = 7;
  const rnd = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  const edit = (d, tag) => {
    for (let i = 0; i < 4; i++) {
      const all = m.all(d);
      const some = all[rnd(all.length)];
      if (!some) return d;
      if (rnd(4) === 0) d = m.splice(d, some.path, 1, []);
      else if (rnd(3) === 0) d = m.splice(d, some.path, 0, [q(`${tag}${i}`)]);
      else if (rnd(2)) d = m.put(d, some.path, { ...some.field, label: tag + i });
      else d = m.move(d, some.path, m.neighbour(d, some.path, 1) ?? some.path);
    }
    return d;
  };
  const sorted = (d) => m.all(d).map((x) => JSON.stringify(x.field)).sort();
  for (let round = 0; round < 500; round++) {
    const start = form(page("a", q("x"), q("y"), q("u")), page("b", q("z"), q("v")));
    const [mine, theirs] = [edit(start, "m"), edit(start, "t")];
    const rows = both(start, mine, theirs);
    const take = (side) => merged(mine, theirs, Object.fromEntries(rows.map((r) => [r.key, side])));
    assert.deepEqual(sorted(take("mine")), sorted(mine));
    assert.deepEqual(sorted(take("theirs")), sorted(theirs));
    const d = merged(mine, theirs, chosen(rows));
    assert.equal(new Set(m.keysOf(d)).size, m.keysOf(d).length, "no question twice");
    for (const r of rows) if (r.by === "theirs" && r.theirs && r.key.startsWith("f:")) assert.ok(m.keysOf(d).includes(r.key.slice(2)));
  }
}
// moving over the edge of a page, renaming with what reads it, and pasting choices
{
  assert.equal(keys(m.move(base, "/sections/0/fields/1", m.neighbour(base, "/sections/0/fields/1", 1))), "a:x b:y,z");
  assert.equal(keys(m.move(base, "/sections/1/fields/0", m.neighbour(base, "/sections/1/fields/0", -1))), "a:x,y,z b:");
  assert.equal(m.neighbour(base, "/sections/0/fields/0", -1), undefined);
  const d = form(page("a", q("x"), q("t", { kind: "table", columns: [q("n", { kind: "number" })] })), page("b", q("s", { kind: "computed", compute: "sum(t.n)", when: { all: [{ field: "x", op: "eq", value: "1" }, { not: { field: "t", op: "empty" } }] } })));
  const r = m.renamed(m.renamed(d, "/sections/0/fields/0", "first"), "/sections/0/fields/1", "rows");
  assert.deepEqual(m.at(r, "/sections/1/fields/0").when, { all: [{ field: "first", op: "eq", value: "1" }, { not: { field: "rows", op: "empty" } }] });
  assert.equal(m.at(r, "/sections/1/fields/0").compute, "sum(rows.n)");
  assert.deepEqual(m.readers(r, "first"), ["s"]);
  assert.deepEqual(m.before(r, "/sections/0/fields/1").map((x) => x.name), ["first"]);
  assert.deepEqual(m.listed("是\n\n否\nx|其他", [{ value: "1", label: "否" }]), [{ value: "2", label: "是" }, { value: "1", label: "否" }, { value: "x", label: "其他" }]);
  const lib = m.fitted(form(page("a", q("name", { term: "person.name" }))), q("name", { term: "person.name" }));
  assert.deepEqual([lib.key, lib.term], ["person_name", "person.name_2"]);
}
