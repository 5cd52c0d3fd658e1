// A closed change is shown and takes nothing: no designer has an input or a button that would change it. Run with the bundled modules: node closed.test.mjs FILE.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

globalThis.window = { addEventListener() {}, setTimeout: () => 0, matchMedia: () => ({ matches: true }) };
Object.defineProperty(globalThis, "navigator", { value: { pdfViewerEnabled: true }, configurable: true });
globalThis.matchMedia = window.matchMedia;
globalThis.document = { addEventListener() {}, getElementById: () => null };
globalThis.localStorage = { getItem: () => null, setItem() {}, removeItem() {} };
globalThis.contexts = new Map();
const all = await import(pathToFileURL(process.argv[2]));

/** controls gives what a person can use, with what stands around it; components are called as drawing would call them. */
function controls(node, around = { off: false, tries: false }, out = []) {
  if (Array.isArray(node)) for (const x of node) controls(x, around, out);
  if (!node?.type) return out;
  const { type, props } = node;
  if (typeof type === "function") {
    const context = type.Provider === type;
    const was = contexts.get(type);
    if (context) contexts.set(type, props.value);
    controls(context ? props.children : type(props), around, out);
    contexts.set(type, was);
    return out;
  }
  const here = { off: around.off || !!props.disabled, tries: around.tries || props["data-tryout"] !== undefined || /(^| )[dp]-preview/.test(props.class ?? "") };
  if (["input", "textarea", "select", "button"].includes(type) && !here.off) out.push({ type, ...here, ...props });
  if (props.draggable) out.push({ type: "drag", ...here, ...props });
  controls(props.children, here, out);
  return out;
}

const questions = [{ name: "form.area", label: "面积", type: "number" }];
const when = { field: "form.area", op: "lt", value: 4 };
const layout = { title: "证", paper: "A4", blocks: [{ kind: "para", text: "一" }, { kind: "seal", x: 1, y: 1 }] };
const form = {
  key: "f", title: "表",
  sections: [{ key: "a", title: "页", fields: [{ key: "x", kind: "radio", label: "问", options: [{ value: "1", label: "甲" }, { value: "2", label: "乙" }], when }] }],
};
const starts = {
  flow: { definition: { key: "f", name: "流程", steps: [{ key: "s", name: "受理", kind: "accept", post: "p", notices: [{ on: "enter", text: "一" }], when }, { key: "t", name: "并行", kind: "parallel", post: "", parallel: [[], []] }] }, posts: [{ key: "p", name: "岗", acts: ["accept"] }], others: [{ key: "q", name: "外岗", acts: ["review"] }], questions, answers: [], bpmn: "/b" },
  form: { definition: form, library: [], regions: [] },
  table: { definition: { key: "t", name: "规则", rows: [{ name: "小", when, refuse: "不够", need: ["m"] }], tests: [{ name: "一", given: { "form.area": 3 }, rows: ["小"] }] }, questions, materials: [{ key: "m", label: "证明" }] },
  scenario: { definition: { key: "i", name: "事项", scenario: [{ key: "q", ask: "谁", options: [{ value: "1", label: "甲" }, { value: "2", label: "乙" }], stop: { title: "停" }, warn: { text: "注意" } }], trials: [{ name: "例", given: {} }] }, questions, materials: [], rules: [], items: [] },
  paper: { definition: { key: "p", act: "grant", item_types: ["01"], title: "书", number: "{n}", layout }, acts: [{ value: "grant", label: "准予", names: [] }], types: [], values: [], purpose: "章" },
  licence: { definition: { key: "l", code: "", name: "证", definer: "", holder: "person", number: "{n}", validity: {}, fields: [{ key: "a", label: "名", from: "applicant.name" }], layout }, values: [], sources: [], purpose: "章" },
};

/** reads are what may be used on a closed change: it leads about, compares or tries, and writes nothing. */
const reads = (c) =>
  c.tries || c.role === "tab" || c["data-act"] === "difference" || c["data-act"] === "row" || c["data-step"] || c["data-row"] !== undefined || c.class === "linklike";

for (const [name, start] of Object.entries(starts)) {
  globalThis.chosen = name === "flow" ? "/steps/0" : name === "paper" || name === "licence" ? 0 : undefined; // what is selected in it
  const draw = (closed) => controls(all[name + "Designer"]({ rev: 1, problems: [], url: "/u", published: start.definition, closed, ...start }));
  const open = draw(false).filter((c) => !reads(c));
  assert.ok(open.length > 5, `${name}: ${open.length} controls while it is open`);
  const left = draw(true).filter((c) => !reads(c));
  assert.deepEqual(left.map((c) => `${c.type} ${c["data-act"] ?? c["data-name"] ?? c["aria-label"] ?? c.class ?? ""}`), [], name);
}
