// The browser's mirror of internal/engine/cond: it only shows and hides; the server decides again. Both are held to the same vectors.

export type Scalar = string | number | boolean;
export interface Expr {
  field?: string;
  op?: string;
  value?: Scalar | Scalar[];
  all?: Expr[];
  any?: Expr[];
  not?: Expr;
}
export type Get = (field: string) => unknown;

/** evaluate says whether the condition holds; {} always does, a malformed node never. */
export function evaluate(e: Expr, get: Get): boolean {
  if (e.field) return compare(e.op ?? "", get(e.field), e.value);
  if (e.all?.length) return e.all.every((x) => evaluate(x, get));
  if (e.any?.length) return e.any.some((x) => evaluate(x, get));
  if (e.not) return !evaluate(e.not, get);
  return !e.op && e.value === undefined;
}

/** fields gives the fields a condition reads, each once. */
export function fields(e: Expr): string[] {
  const inner = [...(e.all ?? []), ...(e.any ?? []), ...(e.not ? [e.not] : [])].flatMap(fields);
  return [...new Set(e.field ? [e.field, ...inner] : inner)];
}

function compare(op: string, have: unknown, want: unknown): boolean {
  switch (op) {
    case "empty":
      return missing(have);
    case "not_empty":
      return !missing(have);
    case "eq":
      return !missing(have) && equal(have, want);
    case "ne":
      return missing(have) || !equal(have, want);
    case "in":
    case "contains":
      return !missing(have) && anyOf(have, want);
    case "not_in":
      return missing(have) || !anyOf(have, want);
    case "before":
    case "after": {
      const a = isoDate(have);
      const b = isoDate(want);
      return a !== "" && b !== "" && (op === "before" ? a < b : a > b);
    }
  }
  const c = compareNumbers(text(have), text(want));
  if (c === null) return false;
  return (op === "gt" && c > 0) || (op === "ge" && c >= 0) || (op === "lt" && c < 0) || (op === "le" && c <= 0);
}

function missing(v: unknown): boolean {
  if (v === null || v === undefined) return true;
  if (typeof v === "string") return v.replace(/[ \t\r\n\u3000]/g, "") === "";
  if (Array.isArray(v)) return v.length === 0;
  return typeof v === "object" && Object.keys(v as object).length === 0;
}

function equal(have: unknown, want: unknown): boolean {
  const a = text(have);
  const b = text(want);
  if (a === null || b === null) return false;
  if (typeof have === "number" || typeof want === "number") return compareNumbers(a, b) === 0;
  return a === b;
}

function anyOf(have: unknown, want: unknown): boolean {
  return list(have).some((h) => list(want).some((w) => equal(h, w)));
}

function list(v: unknown): unknown[] {
  return Array.isArray(v) ? v : [v];
}

function text(v: unknown): string | null {
  if (typeof v === "string") return v;
  if (typeof v === "boolean") return String(v);
  if (typeof v !== "number" || !Number.isFinite(v)) return null;
  const s = String(v);
  return s.includes("e") ? null : s;
}

function isoDate(v: unknown): string {
  if (typeof v !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(v)) return "";
  const d = new Date(v + "T00:00:00Z");
  return !Number.isNaN(d.getTime()) && d.toISOString().slice(0, 10) === v ? v : "";
}

interface Decimal {
  neg: boolean;
  whole: string;
  frac: string;
}

function decimal(s: string | null): Decimal | null {
  const m = s !== null && s.length <= 64 ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(s) : null;
  if (!m) return null;
  const whole = m[2].replace(/^0+/, "");
  const frac = (m[3] ?? "").replace(/0+$/, "");
  return { neg: m[1] === "-" && whole + frac !== "", whole, frac };
}

/** compareNumbers compares plain decimals exactly, as text: -1, 0, 1, or null when either is no number. */
function compareNumbers(a: string | null, b: string | null): number | null {
  const x = decimal(a);
  const y = decimal(b);
  if (!x || !y) return null;
  if (x.neg !== y.neg) return x.neg ? -1 : 1;
  return x.neg ? magnitude(y, x) : magnitude(x, y);
}

function magnitude(x: Decimal, y: Decimal): number {
  if (x.whole.length !== y.whole.length) return x.whole.length < y.whole.length ? -1 : 1;
  if (x.whole !== y.whole) return x.whole < y.whole ? -1 : 1;
  if (x.frac === y.frac) return 0;
  return x.frac < y.frac ? -1 : 1;
}
