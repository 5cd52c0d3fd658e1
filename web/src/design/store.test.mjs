// What becomes of typed text when a save does not come through. Run with the bundled modules: node store.test.mjs FILE.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const kept = new Map();
const timers = new Map();
let id = 0;
let answers = []; // of the server, in turn
let sent = [];
globalThis.window = { addEventListener() {}, setTimeout: (f) => (timers.set(++id, f), id) };
globalThis.clearTimeout = (i) => timers.delete(i);
globalThis.document = { addEventListener() {}, getElementById: () => null };
globalThis.localStorage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k) };
globalThis.fetch = async (url, o) => {
  assert.equal(o.headers["X-Autosave"], "1", "a refusal comes as a page otherwise, and nobody is told why");
  sent.push({ url, ...JSON.parse(o.body) });
  const a = answers.shift();
  if (!a) throw new TypeError("network");
  return { type: "basic", ok: a.status < 300, status: a.status, json: async () => a.body ?? {} };
};
const { Store, stateText } = await import(pathToFileURL(process.argv[2]));

const url = "/office/changes/1/forms/dog";
const place = "tongban:design:" + url;
const server = (title = "A", rev = 1, more = {}) => ({ definition: { title }, rev, problems: [], closed: false, url, ...more });
const copy = () => JSON.parse(kept.get(place) ?? "null")?.doc.title;
const tick = () => {
  const due = [...timers.values()];
  timers.clear();
  due.forEach((f) => f());
  return new Promise((done) => setImmediate(done));
};
const settled = async () => {
  for (let i = 0; i < 5; i++) await new Promise((done) => setImmediate(done));
};
const open = (start, ...next) => {
  timers.clear();
  sent = [];
  answers = next;
  return new Store(start);
};
const type = async (s, title) => {
  s.change({ title });
  assert.equal(copy(), title, "the browser has it before the server");
  await tick();
  await settled();
};
const ok = (rev) => ({ status: 200, body: { rev, problems: [] } });

// What keeps a save back: the text stays in the page and in the browser, a later attempt saves it, and then the copy goes.
for (const [name, answer, state, words] of [
  ["the session has ended", { status: 401 }, "signin", "save_signin"],
  ["no network", undefined, "failed", "save_failed"],
  ["a fault of the server", { status: 500 }, "failed", "save_failed"],
  ["too many requests", { status: 429 }, "failed", "save_failed"],
  ["not allowed any more", { status: 403, body: { detail: "no" } }, "closed", "save_kept"],
  ["the change was sent meanwhile", { status: 409, body: { detail: "closed" } }, "closed", "save_kept"],
  ["the change is gone", { status: 404 }, "closed", "save_kept"],
  ["a text the server will not take", { status: 422, body: { detail: "bad" } }, "refused", "save_refused"],
]) {
  kept.clear();
  const s = open(server(), answer);
  await type(s, "mine");
  assert.deepEqual([s.state, s.doc.title, copy(), s.unsaved(), stateText(s), s.note], [state, "mine", "mine", true, words, answer?.body?.detail ?? ""], name);
  answers = [ok(2)];
  await type(s, "mine, more");
  assert.deepEqual([s.state, copy(), sent.at(-1).definition.title, sent.at(-1).rev], ["saved", undefined, "mine, more", 1], name + ", tried again");
}
// without another key being pressed, too
for (const answer of [{ status: 401 }, undefined]) {
  kept.clear();
  const s = open(server(), answer, ok(2));
  await type(s, "mine");
  await tick();
  await settled();
  assert.deepEqual([s.state, copy(), sent.length], ["saved", undefined, 2]);
}
// The page was closed before: what the browser kept is taken up, over the same revision without asking, over another one by asking.
{
  kept.clear();
  await type(open(server()), "mine");
  const again = open(server(), ok(2));
  assert.equal(again.doc.title, "mine");
  await tick();
  await settled();
  assert.deepEqual([again.state, sent[0].rev], ["saved", 1]);
  await type(open(server("mine", 2)), "mine 2");
  const other = open(server("theirs", 3));
  assert.deepEqual([other.state, other.doc.title, other.clash.theirs.title, copy()], ["moved", "mine 2", "theirs", "mine 2"]);
  const closed = open(server("theirs", 3, { closed: true }));
  assert.deepEqual([stateText(closed), copy()], ["save_held", "mine 2"]);
}
// Somebody saved first: nothing is sent until a person has chosen, typing goes on, and the choice is saved over theirs.
{
  kept.clear();
  const s = open(server(), { status: 409, body: { rev: 5, theirs: { title: "theirs" }, by: "宁可" } });
  await type(s, "mine");
  assert.deepEqual([s.state, s.clash.by, s.clash.base.title, s.clash.theirs.title, s.doc.title, copy()], ["moved", "宁可", "A", "theirs", "mine", "mine"]);
  await type(s, "mine 2");
  assert.equal(sent.length, 1);
  answers = [ok(6)];
  s.settle({ title: "both" });
  await tick();
  await settled();
  assert.deepEqual([s.state, sent[1].rev, sent[1].definition.title, copy()], ["saved", 5, "both", undefined]);
  s.undo();
  assert.equal(s.doc.title, "mine 2");
}
// The answer to our own save was lost: no clash with ourselves.
{
  kept.clear();
  const s = open(server(), { status: 409, body: { rev: 2, theirs: { title: "mine" }, by: "乔波" } });
  await type(s, "mine");
  assert.deepEqual([s.state, s.clash, copy()], ["saved", undefined, undefined]);
}
// What is typed while a save is on its way is saved after it.
{
  kept.clear();
  const s = open(server(), ok(2), ok(3));
  s.change({ title: "one" });
  const going = tick();
  s.change({ title: "two" });
  await going;
  await settled();
  assert.equal(copy(), "two");
  await tick();
  await settled();
  assert.deepEqual([s.state, sent.map((x) => [x.rev, x.definition.title]), copy()], ["saved", [[1, "one"], [2, "two"]], undefined]);
}
