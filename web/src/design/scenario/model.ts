// An item's scenario as a value. The whole item travels, and only its questions and trials are changed here.
import { evaluate, fields, type Expr } from "../../cond";
import type { Given } from "../given";
import { readable, type Option, type Readable, type Start } from "../shared";

export interface Stop {
  when?: Expr;
  title: string;
  text?: string;
  item?: string;
}

export interface Question {
  key: string;
  ask: string;
  hint?: string;
  options?: Option[];
  when?: Expr;
  stop?: Stop;
  warn?: { when?: Expr; text: string };
}

export interface Trial {
  name: string;
  given?: Given;
  materials?: string[];
  stops?: boolean;
  refused?: string[];
}

export interface Item {
  key: string;
  name: string;
  scenario?: Question[];
  trials?: Trial[];
}

/** ScenarioStart is what the page carries; materials and rules are those of the item with its decision tables applied. */
export interface ScenarioStart extends Start<Item> {
  questions: Readable[]; // applicant and form; the scenario's own come from the item
  materials: { key: string; label: string; when?: Expr }[];
  rules: { name: string; text: string; when?: Expr }[];
  items: Option[]; // where a stop may lead
}

export const asked = (q: Question): Readable => ({ ...readable({ key: q.key, kind: "radio", label: q.ask, options: q.options }, "scenario.")! });

/** before gives what a question at an index may read: the applicant and the questions before it. */
export const before = (start: ScenarioStart, list: Question[], i: number): Readable[] => [...start.questions.filter((q) => q.name.startsWith("applicant.")), ...list.slice(0, i).map(asked)];

/** Walk is where answers lead. */
export interface Walk {
  questions: Question[];
  stops: Stop[];
  warns: string[];
  materials: string[];
  refused: string[];
}

/** walk mirrors item.Outcome: an answer to a question that is not asked, or that is none of its options, counts as missing. */
export function walk(start: ScenarioStart, it: Item, given: Given): Walk {
  const valid: Given = {};
  const get = (name: string) => (name.startsWith("scenario.") ? valid[name] : given[name]);
  const out: Walk = { questions: [], stops: [], warns: [], materials: [], refused: [] };
  for (const q of it.scenario ?? []) {
    if (!evaluate(q.when ?? {}, get)) continue;
    out.questions.push(q);
    const v = given["scenario." + q.key];
    if (!q.options?.some((o) => o.value === v)) continue;
    valid["scenario." + q.key] = v;
    if (q.stop && evaluate(q.stop.when ?? {}, get)) out.stops.push(q.stop);
    if (q.warn && evaluate(q.warn.when ?? {}, get)) out.warns.push(q.warn.text);
  }
  out.materials = start.materials.filter((m) => evaluate(m.when ?? {}, get)).map((m) => m.key);
  out.refused = start.rules.filter((r) => evaluate(r.when ?? {}, get)).map((r) => r.name);
  return out;
}

/** trialOf writes down a walk as a trial. */
export function trialOf(name: string, given: Given, x: Walk): Trial {
  return x.stops.length ? { name, given, stops: true } : { name, given, materials: x.materials, ...(x.refused.length ? { refused: x.refused } : {}) };
}

/** passes says whether a trial comes out as it should. */
export function passes(t: Trial, x: Walk): boolean {
  if (!!t.stops !== x.stops.length > 0) return false;
  return !!t.stops || (JSON.stringify(t.materials ?? []) === JSON.stringify(x.materials) && JSON.stringify(t.refused ?? []) === JSON.stringify(x.refused));
}

/** used gives the form and applicant answers that materials and rules read. */
export const used = (start: ScenarioStart) => [...new Set([...start.materials, ...start.rules].flatMap((m) => (m.when ? fields(m.when) : [])))].filter((f) => !f.startsWith("scenario."));
