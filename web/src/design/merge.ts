// Three-way merging of definitions piece by piece. A designer says what the pieces of its definition are; what only one side changed is taken, and where
// both did a person chooses. Nothing is ever dropped unseen.
import { same } from "./shared";

/** Side is one of the two versions. */
export type Side = "mine" | "theirs";

/** Piece is one thing people compare: a question, a step. value is undefined where a version does not have it. */
export interface Piece {
  key: string;
  label: string;
  lines: string[]; // what it says, in words
  value: unknown;
}

/** Row is one piece the versions do not agree on. */
export interface Row {
  key: string;
  label: string;
  mine?: string[];
  theirs?: string[];
  by: Side | "both"; // who changed it
  take: Side; // what is taken unless somebody chooses otherwise
}

/** compare gives the pieces in which mine and theirs differ, in the order of mine; what only theirs has comes last. */
export function compare(base: Piece[], mine: Piece[], theirs: Piece[]): Row[] {
  const find = (list: Piece[], key: string) => list.find((p) => p.key === key);
  const keys = [...new Set([...mine, ...theirs].map((p) => p.key))];
  const out: Row[] = [];
  for (const key of keys) {
    const [b, m, t] = [find(base, key), find(mine, key), find(theirs, key)];
    if (same(m?.value, t?.value)) continue;
    const by = same(b?.value, m?.value) ? "theirs" : same(b?.value, t?.value) ? "mine" : "both";
    out.push({ key, label: (m ?? t)!.label || key, mine: m?.lines, theirs: t?.lines, by, take: by === "theirs" ? "theirs" : "mine" });
  }
  return out;
}

/** Choices says which side each row is taken from. */
export type Choices = Record<string, Side>;

/** chosen gives the preset choices of rows. */
export function chosen(rows: Row[]): Choices {
  return Object.fromEntries(rows.map((r) => [r.key, r.take]));
}
