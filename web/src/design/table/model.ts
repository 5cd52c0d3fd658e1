// A decision table as a value (internal/engine/table), and what its rows say to a case.
import { evaluate, fields, type Expr } from "../../cond";
import type { Given } from "../given";
import type { Readable, Start } from "../shared";

export interface Row {
  name: string;
  when?: Expr;
  refuse?: string;
  warn?: string;
  need?: string[];
  basis?: string;
}

export interface Case {
  name: string;
  given?: Given;
  rows?: string[];
}

export interface Table {
  key: string;
  name: string;
  hit?: string;
  rows: Row[];
  tests?: Case[];
}

export interface TableStart extends Start<Table> {
  questions: Readable[];
  materials: { key: string; label: string }[];
}

/** fitting gives the names of the rows that fit. */
export function fitting(d: Table, given: Given): string[] {
  const out: string[] = [];
  for (const r of d.rows) {
    if (!evaluate(r.when ?? {}, (f) => given[f])) continue;
    out.push(r.name);
    if (d.hit !== "every") break;
  }
  return out;
}

/** used gives what the rows read, each once. */
export const used = (d: Table) => [...new Set(d.rows.flatMap((r) => (r.when ? fields(r.when) : [])))];

/** passes says whether a case comes out as it should. */
export const passes = (d: Table, c: Case) => JSON.stringify(fitting(d, c.given ?? {})) === JSON.stringify(c.rows ?? []);
