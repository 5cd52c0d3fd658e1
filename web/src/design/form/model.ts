// A form as a value: places are JSON pointers ("/sections/0/fields/2/columns/1"), every change gives a new form.
import { fields as readsOf } from "../../cond";
import { readable, tidy, type Expr, type Field, type Form, type Option, type Readable, type Section } from "../shared";

/** mended gives a form whose lists are lists: Go writes empty ones as null. */
export const mended = (d: Form): Form => ({ ...d, sections: (d.sections ?? []).map((s) => ({ ...s, fields: s.fields ?? [] })) });

/** kinds in the order of the palette. */
export const kinds = {
  write: ["text", "textarea", "number", "money", "date", "date_range"],
  choose: ["radio", "checkbox", "yesno", "select", "region"],
  number: ["id_number", "credit_code", "phone", "bank_card", "email", "address"],
  other: ["table", "computed", "notice", "declaration"],
};

/** columnKinds may stand in a table. */
export const columnKinds = [...kinds.write, ...kinds.choose, ...kinds.number].filter((k) => k !== "checkbox" && k !== "date_range");

/** hasOptions, hasTerm: what a kind needs. */
export const hasOptions = (kind: string) => ["radio", "checkbox", "select", "region", "yesno"].includes(kind);
export const needsOptions = (kind: string) => ["radio", "checkbox", "select"].includes(kind);
export const hasTerm = (kind: string) => !["notice", "computed", "declaration"].includes(kind);

const parts = (path: string) => path.split("/").slice(1).filter((_, i) => i % 2 === 1).map(Number);

/** Place is a pointer taken apart; missing numbers are undefined. */
export interface Place {
  s?: number;
  f?: number;
  c?: number;
}

/** placeOf reads a pointer, also one that goes on into a property. */
export function placeOf(path: string): Place {
  const m = /^\/sections\/(\d+)(?:\/fields\/(\d+)(?:\/columns\/(\d+))?)?/.exec(path);
  const n = (i: number) => (m?.[i] === undefined ? undefined : Number(m[i]));
  return { s: n(1), f: n(2), c: n(3) };
}

/** pathOf writes a pointer. */
export function pathOf(p: Place): string {
  if (p.s === undefined) return "";
  return `/sections/${p.s}` + (p.f === undefined ? "" : `/fields/${p.f}` + (p.c === undefined ? "" : `/columns/${p.c}`));
}

/** ownerOf gives the thing a problem's path belongs to. */
export const ownerOf = (path: string) => pathOf(placeOf(path));

/** at gives the section, field or column at a place; undefined when there is none. */
export function at(d: Form, path: string): Section | Field | undefined {
  const { s, f, c } = placeOf(path);
  if (s === undefined) return undefined;
  const section = d.sections[s];
  if (f === undefined) return section;
  const field = section?.fields[f];
  return c === undefined ? field : field?.columns?.[c];
}

export const fieldAt = (d: Form, path: string) => (placeOf(path).f === undefined ? undefined : (at(d, path) as Field | undefined));

/** put replaces what stands at a place. */
export function put(d: Form, path: string, value: Section | Field): Form {
  return splice(d, path, 1, [value]);
}

/** splice takes things out of the list that holds a place, and puts others in. */
export function splice(d: Form, path: string, out: number, more: (Section | Field)[]): Form {
  const cut = <T,>(list: T[], i: number) => [...list.slice(0, i), ...(more as T[]), ...list.slice(i + out)];
  const [s, f, c] = parts(path);
  if (f === undefined) return { ...d, sections: cut(d.sections, s) };
  const section = d.sections[s];
  if (c === undefined) return { ...d, sections: d.sections.map((x, i) => (i === s ? { ...x, fields: cut(section.fields, f) } : x)) };
  const field = section.fields[f];
  const next = { ...field, columns: cut(field.columns ?? [], c) };
  return { ...d, sections: d.sections.map((x, i) => (i === s ? { ...x, fields: x.fields.map((y, j) => (j === f ? next : y)) } : x)) };
}

/** move takes a question to another place; to is counted without it. */
export function move(d: Form, from: string, to: string): Form {
  const x = at(d, from);
  return x ? splice(splice(d, from, 1, []), to, 0, [x]) : d;
}

/** all gives every question with its place and its number, counted through the whole form. */
export function all(d: Form): { path: string; field: Field; n: number }[] {
  let n = 0;
  return d.sections.flatMap((s, i) => s.fields.map((field, j) => ({ path: pathOf({ s: i, f: j }), field, n: ++n })));
}

export const numberOf = (d: Form, path: string) => all(d).find((x) => x.path === path)?.n ?? 0;

/** neighbour gives where a question goes one up or down: over the edge of its section into the next. */
export function neighbour(d: Form, path: string, by: 1 | -1): string | undefined {
  const { s, f, c } = placeOf(path);
  if (s === undefined) return undefined;
  if (f === undefined) return d.sections[s + by] && pathOf({ s: s + by });
  if (c !== undefined) return d.sections[s].fields[f].columns?.[c + by] && pathOf({ s, f, c: c + by });
  if (d.sections[s].fields[f + by]) return pathOf({ s, f: f + by });
  const next = d.sections[s + by];
  return next && pathOf({ s: s + by, f: by === 1 ? 0 : next.fields.length });
}

/** before gives the questions a condition at a place may read: those before it, in a table also the columns before. */
export function before(d: Form, path: string): Readable[] {
  const { s = 0, f, c } = placeOf(path);
  const out: Readable[] = [];
  d.sections.slice(0, s + 1).forEach((section, i) => {
    const list = i < s ? section.fields : f === undefined ? [] : section.fields.slice(0, f);
    for (const x of list) {
      const r = readable(x, "", section.title);
      if (r) out.push(r);
    }
  });
  if (c !== undefined) {
    const table = d.sections[s].fields[f!];
    for (const x of table.columns?.slice(0, c) ?? []) {
      const r = readable(x, "", table.label);
      if (r) out.unshift(r);
    }
  }
  return out;
}

/** everything gives all questions as conditions read them. */
export const everything = (d: Form) => d.sections.flatMap((s) => s.fields.flatMap((f) => [readable(f, "", s.title), ...(f.columns ?? []).map((c) => readable(c))])).filter((r): r is Readable => !!r);

/** readers gives the labels of what has a condition on a question. */
export function readers(d: Form, key: string): string[] {
  const reads = (e?: Expr) => !!e && readsOf(e).includes(key);
  const out: string[] = [];
  for (const s of d.sections) {
    if (reads(s.when)) out.push(s.title);
    for (const f of s.fields) {
      if (reads(f.when) || f.columns?.some((c) => reads(c.when)) || f.compute?.match(/\(([^.)]+)/)?.[1] === key) out.push(f.label);
    }
  }
  return out;
}

/** renamed gives a form in which a question has another key, also where conditions and sums name it. */
export function renamed(d: Form, path: string, key: string): Form {
  const old = fieldAt(d, path)!.key;
  const place = placeOf(path);
  const expr = (e?: Expr): Expr | undefined =>
    e && tidyExpr({ ...e, field: e.field === old ? key : e.field, all: e.all?.map((x) => expr(x)!), any: e.any?.map((x) => expr(x)!), not: expr(e.not) });
  const change = (f: Field): Field => tidy({ ...f, when: expr(f.when), columns: f.columns?.map(change), compute: f.compute?.replace(new RegExp(`\\(${old.replace(/\./g, "\\.")}(?=[.)])`), "(" + key) });
  let next: Form;
  if (place.c === undefined) next = { ...d, sections: d.sections.map((s) => ({ ...tidy({ ...s, when: expr(s.when) }), fields: s.fields.map(change) })) };
  else {
    const table = pathOf({ s: place.s, f: place.f });
    next = put(d, table, change(fieldAt(d, table)!));
  }
  return put(next, path, { ...fieldAt(next, path)!, key });
}

const tidyExpr = (e: Expr): Expr => Object.fromEntries(Object.entries(e).filter(([, v]) => v !== undefined)) as Expr;

/** freeKey gives a key nobody has: the wish, or the wish with a number. */
export function freeKey(taken: string[], wish: string): string {
  if (!taken.includes(wish)) return wish;
  for (let n = 2; ; n++) if (!taken.includes(`${wish}_${n}`)) return `${wish}_${n}`;
}

export const keysOf = (d: Form) => all(d).map((x) => x.field.key);
export const termsOf = (d: Form) => all(d).map((x) => x.field.term ?? "");

/** made gives a new question of a kind with everything it needs to be valid. */
export function made(d: Form, kind: string, label: string, choice: (n: number) => string): Field {
  const key = freeKey(keysOf(d), `q${all(d).length + 1}`);
  const f: Field = { key, kind, label };
  if (kind !== "notice" && kind !== "computed") f.required = true;
  if (hasTerm(kind)) f.term = freeKey(termsOf(d), `${d.key}.${key}`);
  if (needsOptions(kind)) f.options = [1, 2].map((n) => ({ value: String(n), label: choice(n) }));
  if (kind === "table") f.columns = [];
  return f;
}

/** fitted gives a shared question a key and a term that are free in this form. */
export function fitted(d: Form, shared: Field): Field {
  const keys = keysOf(d);
  const long = (shared.term ?? shared.key).replace(/\./g, "_");
  const key = keys.includes(shared.key) ? freeKey(keys, long) : shared.key;
  return tidy({ ...shared, key, term: shared.term && freeKey(termsOf(d), shared.term) });
}

/** copied gives a second one of a question. */
export const copied = (d: Form, f: Field): Field => fitted(d, { ...f, key: f.key });

/** ofKind gives a question another kind and drops what that kind does not have. */
export function ofKind(f: Field, kind: string, choice: (n: number) => string): Field {
  const next: Field = { ...f, kind };
  const keep = (has: boolean, ...names: (keyof Field)[]) => {
    if (!has) for (const n of names) delete next[n];
  };
  keep(hasOptions(kind), "options");
  keep(kind === "number" || kind === "money", "min", "max");
  keep(kind === "number" || kind === "money" || kind === "computed", "unit");
  keep(kind === "date" || kind === "date_range", "min_date", "max_date");
  keep(kind === "text" || kind === "textarea" || kind === "address", "max_length");
  keep(kind === "text" || kind === "textarea", "pattern", "pattern_hint");
  keep(kind === "table", "columns", "min_rows", "max_rows");
  keep(kind === "computed", "compute");
  keep(hasTerm(kind), "term", "autocomplete", "level", "read_only");
  if (needsOptions(kind) && !next.options?.length) next.options = [1, 2].map((n) => ({ value: String(n), label: choice(n) }));
  if (kind === "table") next.columns ??= [];
  return next;
}

/** listed reads choices pasted one a line; a value may stand before a tab or |. Choices that are there already keep their values. */
export function listed(text: string, old: Option[] = []): Option[] {
  const lines = text.split(/\r?\n/).map((l) => l.trim()).filter(Boolean);
  const read = lines.map((line) => {
    const [a, b] = line.split(/\t|\s*\|\s*/, 2);
    const label = (b ?? a).trim();
    const was = old.find((o) => o.label === label);
    return { value: b === undefined ? was?.value : a.trim(), label, hint: was?.hint };
  });
  const taken = read.map((o) => o.value);
  return read.map((o) => {
    let value = o.value;
    for (let n = 1; value === undefined; n++) if (!taken.includes(String(n))) value = String(n);
    taken.push(value);
    return tidy({ ...o, value });
  });
}
