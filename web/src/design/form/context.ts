// What the parts of the form designer share: the store, what is selected, and the acts on questions, each said aloud.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { say } from "../../texts";
import type { Field, Form, Problem, Section, Start } from "../shared";
import type { Store } from "../store";
import { w } from "../words";
import * as m from "./model";

/** Shared is a question of the library. */
export interface Shared {
  group: string;
  uses: number; // published forms that ask it
  field: Field;
}

/** FormStart is what the page carries. */
export interface FormStart extends Start<Form> {
  library: Shared[];
  template: string; // address of the spreadsheet to fill in
}

/** Desk is the designer's working place. */
export interface Desk {
  start: FormStart;
  store: Store<Form>;
  selected: string; // a place in the form; "" is the form itself
  select: (path: string, focus?: string) => void;
  show: (dialog: string) => void;
}

export const DeskContext = createContext<Desk>(undefined as unknown as Desk);
export const useDesk = () => useContext(DeskContext);

/** nameOf gives how a place is called when spoken of. */
export function nameOf(d: Form, path: string): string {
  const x = m.at(d, path);
  if (!x) return d.title;
  return ("fields" in x ? x.title : x.label) || w("unnamed");
}

/** wherePlace says where something stands: 第 2 页，第 3 题. */
export function whereIs(d: Form, path: string): string {
  const { s, f, c } = m.placeOf(path);
  if (s === undefined) return w("the_form");
  if (f === undefined) return w("page_n", { n: s + 1 });
  if (c !== undefined) return w("column_n", { n: c + 1 });
  return w("question_n", { n: m.numberOf(d, path) });
}

/** placeText names the place of a problem, with the part of the settings it is in. */
export function placeText(d: Form, path: string): string {
  const owner = m.ownerOf(path);
  const part = path.slice(owner.length).split("/")[1];
  const name = part && w("part_" + part) !== "part_" + part ? " · " + w("part_" + part) : "";
  return `${whereIs(d, owner)}“${nameOf(d, owner)}”${name}`;
}

/** labels of questions by key, as they were last called: also of those deleted since the page was opened. */
const labels = new Map<string, string>();

/** remember notes what questions are called. */
export function remember(d: Form): void {
  for (const { field } of m.all(d)) if (field.label) labels.set(field.key, field.label);
}

/** gone says why a condition may not read a question. */
export function gone(d: Form, key: string): string {
  const label = labels.get(key) ?? key;
  return m.keysOf(d).includes(key) ? w("when_later", { name: label }) : w("when_gone", { key: label });
}

/** plain calls questions by their labels where a finding names their keys. */
export const plain = (text: string) => text.replace(/“([a-z][a-z0-9_.]*)”/g, (all, key: string) => (labels.has(key) ? `“${labels.get(key)}”` : all));

/** problemOf gives the words of a problem with one setting of what stands at a place. */
export function problemOf(ps: Problem[], path: string, ...names: string[]): string | undefined {
  const texts = ps.filter((p) => names.some((n) => (n === "" ? p.path === path : p.path === `${path}/${n}` || p.path.startsWith(`${path}/${n}/`)))).map((p) => plain(p.text));
  return texts.length ? [...new Set(texts)].join(" ") : undefined;
}

/** add puts a new question behind what is selected, or at the end of the first page. */
export function add(desk: Desk, make: (d: Form) => Field, focus?: string): void {
  const d = desk.store.doc;
  if (d.sections.length === 0) return addSection(desk);
  const { s = 0, f } = m.placeOf(desk.selected);
  const path = m.pathOf({ s, f: f === undefined ? d.sections[s].fields.length : f + 1 });
  const field = make(d);
  desk.store.change(m.splice(d, path, 0, [field]));
  desk.select(path, focus);
  say(w("added", { name: field.label, n: m.numberOf(desk.store.doc, path) }));
}

/** addSection puts a new page behind the selected one. */
export function addSection(desk: Desk): void {
  const d = desk.store.doc;
  const { s } = m.placeOf(desk.selected);
  const at = s === undefined ? d.sections.length : s + 1;
  const section: Section = { key: m.freeKey(d.sections.map((x) => x.key), `page${d.sections.length + 1}`), title: w("new_page"), fields: [] };
  desk.store.change(m.splice(d, m.pathOf({ s: at }), 0, [section]));
  desk.select(m.pathOf({ s: at }), "title");
  say(w("page_added", { name: section.title, n: at + 1 }));
}

/** moveTo takes a thing to a place and says where it is now. */
export function moveTo(desk: Desk, from: string, to: string, button?: string): void {
  const name = nameOf(desk.store.doc, from);
  desk.store.change(m.move(desk.store.doc, from, to));
  desk.select(to, button && "act:" + button);
  const p = m.placeOf(to);
  const n = p.c !== undefined ? p.c + 1 : p.f !== undefined ? m.numberOf(desk.store.doc, to) : p.s! + 1;
  const late = stale(desk.store.doc, to);
  say(w(p.c !== undefined ? "moved_column" : p.f !== undefined ? "moved" : "moved_page", { name, n, page: (p.s ?? 0) + 1 }) + (late ? " " + w("moved_reads", { name: late }) : ""));
}

/** stale names a question that a moved one reads and that now stands behind it. */
function stale(d: Form, path: string): string {
  const f = m.fieldAt(d, path);
  if (!f?.when) return "";
  const may = m.before(d, path).map((r) => r.name);
  const bad = m.all(d).find((x) => !may.includes(x.field.key) && m.readers({ ...d, sections: [{ key: "x", title: "", fields: [f] }] }, x.field.key).length > 0);
  return bad?.field.label ?? "";
}

/** step moves a thing one up or down. */
export function step(desk: Desk, path: string, by: 1 | -1): void {
  const to = m.neighbour(desk.store.doc, path, by);
  if (to) moveTo(desk, path, to, by === 1 ? "down" : "up");
}

/** copy puts a second one behind it. */
export function copy(desk: Desk, path: string): void {
  const d = desk.store.doc;
  const f = m.fieldAt(d, path)!;
  const p = m.placeOf(path);
  const to = m.pathOf({ ...p, f: p.c === undefined ? p.f! + 1 : p.f, c: p.c === undefined ? undefined : p.c + 1 });
  const taken = p.c === undefined ? [] : (m.fieldAt(d, m.pathOf({ s: p.s, f: p.f }))?.columns ?? []).map((x) => x.key);
  const next = p.c === undefined ? m.copied(d, f) : { ...f, key: m.freeKey(taken, f.key) };
  desk.store.change(m.splice(d, to, 0, [{ ...next, label: w("copy_of", { name: f.label }) }]));
  desk.select(to, "label");
  say(w("copied", { name: f.label }));
}

/** remove takes a thing away; undo brings it back. What reads it is named. */
export function remove(desk: Desk, path: string): void {
  const d = desk.store.doc;
  const name = nameOf(d, path);
  const f = m.fieldAt(d, path);
  desk.store.change(m.splice(d, path, 1, []));
  const left = f ? m.readers(desk.store.doc, f.key) : [];
  const p = m.placeOf(path);
  const up = p.c !== undefined ? { s: p.s, f: p.f } : p.f !== undefined ? (p.f > 0 ? { s: p.s, f: p.f - 1 } : { s: p.s }) : desk.store.doc.sections.length ? { s: Math.max(0, p.s! - 1) } : {};
  desk.select(m.pathOf(up), "row");
  say(w("removed", { name }) + (left.length ? w("removed_reads", { names: left.join("、") }) : ""));
}
