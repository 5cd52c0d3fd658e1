// Questions in words, line by line, so that two versions can be compared by people.
import { conditionText } from "../condition";
import type { Field, Form } from "../shared";
import { w } from "../words";
import type { Words } from "./merge";
import { everything } from "./model";

/** words puts a form into lines. */
export const words: Words = {
  title: w("form_title"),
  order: w("diff_order"),
  section: (s) => ({ label: w("diff_page", { name: s.title }), lines: lines([["page_title", s.title], ["hint", s.hint], ["when", conditionText(s.when, [])]]) }),
  field: (f, d) => ({ label: f.label || f.key, lines: field(f, d) }),
};

function field(f: Field, d: Form): string[] {
  return lines([
    ["label", f.label],
    ["kind", w("kind_" + f.kind)],
    ["hint", f.hint],
    ["required", f.required ? w("yes") : undefined],
    ["options", f.options?.map((o) => o.label + (o.hint ? `（${o.hint}）` : "")).join("、")],
    ["option_values", f.options?.map((o) => o.value).join("、")],
    ["when", conditionText(f.when, everything(d))],
    ["min", f.min],
    ["max", f.max],
    ["min_date", f.min_date],
    ["max_date", f.max_date],
    ["max_length", f.max_length],
    ["unit", f.unit],
    ["pattern", f.pattern],
    ["pattern_hint", f.pattern_hint],
    ["columns", f.columns?.map((c) => `${c.label}（${field(c, d).slice(1).join("；")}）`).join("、")],
    ["min_rows", f.min_rows],
    ["max_rows", f.max_rows],
    ["compute", f.compute],
    ["read_only", f.read_only ? w("yes") : undefined],
    ["term", f.term],
    ["level", f.level && w("level_" + f.level)],
    ["autocomplete", f.autocomplete],
  ]);
}

function lines(list: [string, string | number | undefined][]): string[] {
  return list.filter(([, v]) => v !== undefined && v !== "").map(([name, v]) => `${w(name)}：${v}`);
}
