// What two versions of a form differ in, and one form out of both.
import { compare, type Choices, type Piece, type Row } from "../merge";
import { same, type Field, type Form, type Section } from "../shared";

/** Words puts a question or section into lines people can compare. */
export interface Words {
  title: string; // label of the form's own title
  order: string; // label of the order of questions
  section: (s: Section) => { label: string; lines: string[] };
  field: (f: Field, d: Form) => { label: string; lines: string[] };
}

/** pieces takes a form apart: its title, sections, questions and their order. */
export function pieces(d: Form, words: Words): Piece[] {
  const out: Piece[] = [{ key: "title", label: words.title, lines: [d.title], value: d.title }];
  for (const s of d.sections) {
    out.push({ key: "s:" + s.key, ...words.section(s), value: { ...s, fields: undefined } });
    for (const f of s.fields) out.push({ key: "f:" + f.key, ...words.field(f, d), value: f });
  }
  return out;
}

const order = (d: Form, only: Set<string>) => d.sections.map((s) => [s.key, s.fields.map((f) => f.key).filter((k) => only.has(k))]);

/** difference gives what mine and theirs do not agree on. The order counts for what both hold. */
export function difference(base: Form, mine: Form, theirs: Form, words: Words): Row[] {
  const rows = compare(pieces(base, words), pieces(mine, words), pieces(theirs, words));
  const keys = (d: Form) => d.sections.flatMap((s) => s.fields.map((f) => f.key));
  const [m, t, b] = [keys(mine), keys(theirs), keys(base)];
  const both = new Set(m.filter((k) => t.includes(k)));
  const common = new Set(mine.sections.map((s) => s.key).filter((k) => theirs.sections.some((s) => s.key === k)));
  const seen = (d: Form) => order(d, both).filter(([k]) => common.has(k as string));
  if (!same(seen(mine), seen(theirs))) {
    const sides = { base: same(seen(base), seen(mine)), other: same(seen(base), seen(theirs)) };
    const by = b.length && sides.base ? "theirs" : sides.other ? "mine" : "both";
    const lines = (d: Form) => d.sections.map((s) => `${s.title}：${s.fields.map((f) => f.label).join("、")}`);
    rows.push({ key: "order", label: words.order, mine: lines(mine), theirs: lines(theirs), by, take: by === "theirs" ? "theirs" : "mine" });
  }
  return rows;
}

/** merged makes one form of two by what was chosen for each piece. What is in both keeps its place; what only one has goes where that one had it. */
export function merged(mine: Form, theirs: Form, choices: Choices): Form {
  const frame = choices.order === "theirs" ? theirs : mine;
  const other = frame === mine ? theirs : mine;
  const pick = <T>(key: string, m: T | undefined, t: T | undefined) => (choices[key] === "theirs" ? t : choices[key] === "mine" ? m : (m ?? t));
  const section = (d: Form, key: string) => d.sections.find((s) => s.key === key);
  const field = (d: Form, key: string) => d.sections.flatMap((s) => s.fields).find((f) => f.key === key);
  const sections: Section[] = frame.sections.map((s) => ({ ...(pick("s:" + s.key, section(mine, s.key), section(theirs, s.key)) ?? s), fields: s.fields }));
  other.sections.forEach((s, i) => {
    if (sections.some((x) => x.key === s.key)) return;
    const prev = other.sections.slice(0, i).reverse().find((p) => sections.some((x) => x.key === p.key));
    const at = prev ? sections.findIndex((x) => x.key === prev.key) + 1 : 0;
    sections.splice(at, 0, { ...s, fields: [] });
  });
  for (const s of other.sections) {
    s.fields.forEach((f, i) => {
      if (field(frame, f.key)) return;
      const prev = s.fields.slice(0, i).reverse().find((p) => sections.some((x) => x.fields.some((y) => y.key === p.key)));
      const home = prev ? sections.find((x) => x.fields.some((y) => y.key === prev.key))! : sections.find((x) => x.key === s.key)!;
      const at = prev ? home.fields.findIndex((y) => y.key === prev.key) + 1 : 0;
      home.fields = [...home.fields.slice(0, at), f, ...home.fields.slice(at)];
    });
  }
  for (const s of sections) s.fields = s.fields.map((f) => pick("f:" + f.key, field(mine, f.key), field(theirs, f.key))).filter((f): f is Field => !!f);
  const kept = sections.filter((s) => s.fields.length > 0 || pick("s:" + s.key, section(mine, s.key), section(theirs, s.key)));
  return { ...mine, title: pick("title", mine.title, theirs.title) ?? mine.title, sections: kept };
}
