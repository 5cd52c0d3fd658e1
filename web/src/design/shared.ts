// Types the designers share. Definitions are the JSON of internal/engine: what is saved is what a pack holds.
import type { Expr } from "../cond";

export type { Expr } from "../cond";

/** Problem is one finding of the server; path is a JSON pointer into the definition. */
export interface Problem {
  path: string;
  text: string;
}

/** Start is what a designer's page carries for its island (script#design-data). */
export interface Start<T> {
  definition: T;
  rev: number;
  problems: Problem[];
  closed: boolean; // the change is no draft: nothing can be saved
  published?: T; // what is loaded now, to compare with
  url: string; // address of the page; data is under url + "/data"
}

/** Option is one choice. */
export interface Option {
  value: string;
  label: string;
  hint?: string;
}

/** Field is one question of a form, or one column of a table (internal/engine/form). */
export interface Field {
  key: string;
  kind: string;
  label: string;
  hint?: string;
  term?: string;
  required?: boolean;
  when?: Expr;
  options?: Option[];
  min?: number;
  max?: number;
  min_date?: string;
  max_date?: string;
  max_length?: number;
  pattern?: string;
  pattern_hint?: string;
  columns?: Field[];
  min_rows?: number;
  max_rows?: number;
  unit?: string;
  read_only?: boolean;
  autocomplete?: string;
  compute?: string;
  level?: string;
}

/** Section is one page of questions. */
export interface Section {
  key: string;
  title: string;
  hint?: string;
  when?: Expr;
  fields: Field[];
}

/** Form is a form's definition. */
export interface Form {
  key: string;
  title: string;
  sections: Section[];
}

/** Type is how conditions read a question. */
export type Type = "text" | "number" | "date" | "bool" | "choice" | "choices" | "rows";

/** Readable is a question that a condition may read. */
export interface Readable {
  name: string; // as conditions write it: area, form.area, scenario.size
  label: string;
  group?: string; // heading in the list of questions
  type: Type;
  options?: Option[];
  unit?: string;
}

/** typeOf gives how conditions read a kind of question; undefined when they cannot. */
export function typeOf(kind: string): Type | undefined {
  switch (kind) {
    case "number":
    case "money":
    case "computed":
      return "number";
    case "date":
      return "date";
    case "radio":
    case "select":
      return "choice";
    case "checkbox":
      return "choices";
    case "yesno":
    case "declaration":
      return "bool";
    case "table":
    case "date_range":
      return "rows";
    case "notice":
      return undefined;
  }
  return "text";
}

/** readable makes a question ready for conditions. */
export function readable(f: Field, prefix = "", group = ""): Readable | undefined {
  const type = typeOf(f.kind);
  return type && { name: prefix + f.key, label: f.label || f.key, group, type, options: f.options, unit: f.unit };
}

/** same says whether two values say the same as JSON, in whatever order their entries stand. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}

function sorted(_: string, v: unknown): unknown {
  if (v === null || typeof v !== "object" || Array.isArray(v)) return v;
  return Object.fromEntries(Object.entries(v).sort(([x], [y]) => (x < y ? -1 : 1)));
}

/** tidy gives an object without its empty entries, so that what is not set is not written. */
export function tidy<T extends object>(o: T): T {
  const out = {} as Record<string, unknown>;
  for (const [k, v] of Object.entries(o)) if (v !== undefined && v !== "" && v !== false && v !== null) out[k] = v;
  return out as T;
}
