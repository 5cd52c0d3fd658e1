// Papers and licences as values (internal/domain/paper, internal/domain/licence, internal/engine/pdf): places are indexes into the list of blocks,
// lengths are millimetres, sizes of type are points.
import type { Start } from "../shared";

/** Block is one piece of a layout. Those with x or y stand where they say, the others follow each other down the page. */
export interface Block {
  kind: string;
  text?: string;
  rows?: string[][];
  widths?: number[];
  x?: number;
  y?: number;
  w?: number;
  h?: number;
  size?: number;
  align?: string;
  bold?: boolean;
  color?: string;
  qr?: string;
  image?: string;
  seal?: boolean;
  purpose?: string;
  test?: boolean;
  if?: string;
}

export interface Layout {
  title: string;
  paper: string;
  blocks: Block[];
  watermark?: string;
  no_page_numbers?: boolean;
}

/** Laid is what both definitions share. */
export interface Laid {
  key: string;
  number: string;
  layout: Layout;
}

export interface Paper extends Laid {
  act: string;
  item_types: string[];
  title: string;
}

/** Fact is one field of a licence; from says where it comes from. */
export interface Fact {
  key: string;
  label: string;
  from: string;
}

export interface Licence extends Laid {
  code: string;
  name: string;
  definer: string;
  holder: string;
  fields: Fact[];
  validity: { years?: number; months?: number; days?: number };
  exclusive: boolean;
  issued_here: boolean;
  trust: string;
}

/** Name is a value that can be put into a text. */
export interface Name {
  value: string;
  label: string;
  group?: string;
}

export interface PaperStart extends Start<Paper> {
  acts: { value: string; label: string; names: string[] }[];
  types: Name[];
  values: Name[];
  purpose: string;
}

export interface LicenceStart extends Start<Licence> {
  values: Name[];
  sources: Name[];
  purpose: string;
}

/** Note is a remark of a sample print. */
export interface Note {
  path: string;
  level: "bad" | "warn" | "note";
  text: string;
}

export const flowKinds = ["title", "subtitle", "number", "para", "list", "kv", "table", "sign", "rule", "spacer"];
export const placedKinds = ["field", "frame", "seal", "qr", "rule", "image"];
const alwaysPlaced = ["field", "frame"];
const mayBePlaced = ["seal", "qr", "rule", "image"];

/** placed says whether a block stands at a place of its own. */
export const placed = (b: Block) => alwaysPlaced.includes(b.kind) || (mayBePlaced.includes(b.kind) && (!!b.x || !!b.y));
export const placeable = (kind: string) => mayBePlaced.includes(kind);

/** sheetOf gives width and height of the paper. */
export const sheetOf = (l: Layout): [number, number] => (l.paper === "A4L" ? [297, 210] : [210, 297]);

/** margins of the text: beside, above, below. */
export const margins = [27, 30, 28];
export const sealMM = 42;

/** extent gives the box a placed block takes, as the printer draws it. */
export function extent(b: Block, l: Layout): { x: number; y: number; w: number; h: number } {
  const [x, y] = [b.x ?? 0, b.y ?? 0];
  switch (b.kind) {
    case "seal":
      return { x, y, w: b.w || sealMM, h: b.w || sealMM };
    case "qr":
      return { x, y, w: b.w || 28, h: b.w || 28 };
    case "rule": // h is how thick the line is, drawn around its middle
      return { x, y: y - (b.h ?? 0) / 2, w: b.w ?? 0, h: b.h || 0.3 };
    case "image":
      return { x, y, w: b.w || 40, h: b.h || b.w || 40 };
  }
  return { x, y, w: b.w || sheetOf(l)[0] - x, h: b.h || ptMM(b.size || 14) * 1.35 };
}

/** ptMM turns points into millimetres. */
export const ptMM = (pt: number) => (pt * 25.4) / 72;

/** sizes of type where a block names none. */
const sizes: Record<string, number> = { title: 22, subtitle: 16, number: 14, kv: 12, table: 12, field: 14, qr: 9 };
export const sizeOf = (b: Block) => b.size || sizes[b.kind] || 16;

/** fresh makes a block of a kind; at says where a placed one goes. */
export function fresh(kind: string, at: { x: number; y: number } | undefined, purpose: string, words: (key: string) => string): Block {
  const b: Block = { kind, ...at };
  switch (kind) {
    case "field":
      return { ...b, text: words("paper_new_text"), w: 80, h: 10 };
    case "frame":
      return { kind, x: 9, y: 9, w: 192, h: 279 };
    case "seal":
      return { ...b, text: "{{agency}}", w: 40, purpose };
    case "qr":
      return { ...b, qr: "{{verify_url}}", text: words("paper_new_qr"), w: 24 };
    case "rule":
      return at ? { ...b, w: 150, h: 0.4 } : b;
    case "image":
      return { ...b, w: 40 };
    case "spacer":
      return { kind, h: 10 };
    case "number":
      return { kind, text: "{{number}}" };
    case "kv":
      return { kind, rows: [["", ""]], widths: [2, 5] };
    case "table":
      return { kind, rows: [["", ""], ["", ""]] };
    case "sign":
      return { kind, text: "{{agency}}\n", seal: true, purpose };
  }
  return { kind, text: words("paper_new_text") };
}

/** tenth rounds to tenths of a millimetre. */
export const tenth = (n: number) => Math.round(n * 10) / 10;

/** shifted moves a placed block, at least partly within the sheet; 0, 0 would mean that it has no place. */
export function shifted(b: Block, dx: number, dy: number, l: Layout): Block {
  const [w, h] = sheetOf(l);
  const least = placeable(b.kind) ? 1 : 0;
  const clamp = (n: number, top: number) => tenth(Math.min(Math.max(n, least), top));
  return { ...b, x: clamp((b.x ?? 0) + dx, w - 1), y: clamp((b.y ?? 0) + dy, h - 1) };
}

/** put replaces, adds or (undefined) takes away a block. */
export function put<T extends Laid>(d: T, blocks: Block[]): T {
  return { ...d, layout: { ...d.layout, blocks } };
}

/** moved takes a block to another place in the order. */
export function moved(list: Block[], from: number, to: number): Block[] {
  const out = [...list];
  out.splice(to, 0, ...out.splice(from, 1));
  return out;
}

const place = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** used gives the names a layout shows. */
export function used(l: Layout): Set<string> {
  const out = new Set<string>();
  for (const b of l.blocks) {
    for (const s of [b.text, b.qr, b.purpose, ...(b.rows ?? []).flat()]) for (const m of (s ?? "").matchAll(place)) out.add(m[1]);
    if (b.if) out.add(b.if);
  }
  return out;
}

/** Codec writes places of a text as people read them, 【申请人】, and back. */
export interface Codec {
  names: Name[];
  show: (text: string) => string;
  store: (text: string) => string;
  mark: (value: string) => string; // what is put into a shown text
}

/** codec makes a codec for places between open and close. A label that two names share, or that could not be read back, stays as its name. */
export function codec(names: Name[], open: string, close: string, offered = names): Codec {
  const label = new Map<string, string>();
  const value = new Map<string, string>();
  for (const n of names) {
    const own = !n.label || /[【】\n]/.test(n.label) || names.some((o) => o !== n && o.label === n.label) ? `${n.label.replace(/[【】\n]/g, "")} ${n.value}`.trim() : n.label;
    label.set(n.value, own);
    value.set(own, n.value);
  }
  const escaped = (s: string) => s.replace(/[{}]/g, "\\$&");
  const pattern = new RegExp(`${escaped(open)}\\s*([^{}\\s]+)\\s*${escaped(close)}`, "g");
  const mark = (v: string) => (label.has(v) ? `【${label.get(v)}】` : open + v + close);
  return {
    names: offered,
    show: (text) => text.replace(pattern, (all, v: string) => (label.has(v) ? mark(v) : all)),
    store: (text) => text.replace(/【([^【】\n]+)】/g, (all, l: string) => (value.has(l) ? open + value.get(l) + close : all)),
    mark,
  };
}

/** mendPaper and mendLicence make what comes from the server fit to walk: null lists become empty ones. */
export const mendLayout = (l: Layout | undefined): Layout => ({ ...(l ?? { title: "", paper: "A4" }), paper: l?.paper || "A4", blocks: l?.blocks ?? [] });
export const mendPaper = (d: Paper): Paper => ({ ...d, item_types: d.item_types ?? [], layout: mendLayout(d.layout) });
export const mendLicence = (d: Licence): Licence => ({ ...d, fields: d.fields ?? [], validity: d.validity ?? {}, layout: mendLayout(d.layout) });

/** blockOf gives the index of the block a problem is about; -1 for none. */
export function blockOf(path: string): number {
  const m = /^\/layout\/blocks\/(\d+)/.exec(path);
  return m ? Number(m[1]) : -1;
}
