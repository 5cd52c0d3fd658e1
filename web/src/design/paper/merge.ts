// What two versions of a paper or licence differ in. Blocks have no names: where both versions have equally many they are compared one by one,
// otherwise as one thing.
import type { Choices, Piece } from "../merge";
import { w } from "../words";
import { placed, type Block, type Codec, type Laid, type Layout } from "./model";

/** blockLines says what a block prints. */
export function blockLines(b: Block, codec: Codec): string[] {
  const out = [w("paper_kind_" + b.kind), ...codec.show(b.text ?? "").split("\n").filter(Boolean), ...(b.rows ?? []).map((r) => codec.show(r.join(" | ")))];
  if (b.qr) out.push(codec.show(b.qr));
  if (placed(b)) out.push(w("paper_at", { x: b.x ?? 0, y: b.y ?? 0 }) + ` · ${b.w ?? ""} × ${b.h ?? ""}`);
  if (b.size) out.push(`${w("paper_size")} ${b.size}`);
  if (b.align) out.push(w("paper_align_" + b.align));
  if (b.bold) out.push(w("paper_bold"));
  if (b.color) out.push(b.color);
  if (b.seal) out.push(w("paper_sealed"));
  if (b.purpose) out.push(b.purpose);
  if (b.if) out.push(w("paper_if_has", { name: codec.mark(b.if) }));
  return out;
}

/** layoutPieces are the pieces of a layout; count is how many blocks all versions have, -1 when they differ. */
export function layoutPieces(l: Layout, codec: Codec, count: number): Piece[] {
  const frame = { key: "sheet", label: w("paper_sheet"), lines: [...(l.title ? [l.title] : []), w("paper_sheet_" + (l.paper || "A4")), w(l.no_page_numbers ? "paper_numbers_off" : "paper_numbers_on")], value: [l.paper || "A4", !!l.no_page_numbers, l.title, l.watermark ?? ""] };
  if (count < 0) return [frame, { key: "blocks", label: w("paper_layout"), lines: l.blocks.map((b) => blockLines(b, codec).join(" · ")), value: l.blocks }];
  return [frame, ...l.blocks.map((b, i) => ({ key: "b:" + i, label: w("paper_block_n", { n: i + 1 }), lines: blockLines(b, codec), value: b }))];
}

/** common gives the number of blocks of all versions, -1 when they differ. */
export const common = (...ds: Laid[]): number => (ds.every((d) => d.layout.blocks.length === ds[0].layout.blocks.length) ? ds[0].layout.blocks.length : -1);

/** mergedLayout puts two layouts together as chosen. */
export function mergedLayout(mine: Layout, theirs: Layout, c: Choices): Layout {
  const side = (key: string) => (c[key] === "theirs" ? theirs : mine);
  const blocks = c.blocks || mine.blocks.length !== theirs.blocks.length ? side("blocks").blocks : mine.blocks.map((_, i) => side("b:" + i).blocks[i]);
  return { ...side("sheet"), blocks };
}
