// The settings of one block.
import { useRef } from "preact/hooks";
import { Act, Check, Num, Select, Text } from "../inputs";
import { tidy } from "../shared";
import { w } from "../words";
import { placeable, placed, sizeOf, type Block, type Codec, type Name } from "./model";
import { Inserter, ValueText } from "./text";

interface Props {
  block: Block;
  codec: Codec;
  names: Name[];
  problem?: string;
  onChange: (b: Block, tag?: string) => void;
}

const withText: Record<string, number> = { title: 0, subtitle: 0, number: 0, para: 4, list: 4, field: 2, sign: 2, seal: 0, qr: 0 };
const withType = ["title", "subtitle", "number", "para", "list", "kv", "table", "sign", "field"];
const aligned = ["title", "subtitle", "number", "para", "field"];
const colours = ["#7A1F1A", "#8A6A2F", "#0F4FA3", "#0B6B41", "#595959"];
const pictureMost = 400_000; // bytes

/** BlockSettings asks for what a block of its kind needs. */
export function BlockSettings(p: Props) {
  const b = p.block;
  const set = (more: Partial<Block>, tag = "") => p.onChange(tidy({ ...b, ...more }) as Block, tag);
  const lines = withText[b.kind];
  return (
    <div class="d-settings-body">
      {lines !== undefined && <ValueText label={w("paper_text_" + (["list", "sign", "seal", "qr"].includes(b.kind) ? b.kind : "any"))} lines={lines || undefined} value={b.text} problem={p.problem} codec={p.codec} name="text" onChange={(text) => set({ text }, "text")} />}
      {b.kind === "qr" && <ValueText label={w("paper_qr")} hint={w("paper_qr_hint")} value={b.qr} codec={p.codec} onChange={(qr) => set({ qr }, "qr")} />}
      {(b.kind === "kv" || b.kind === "table") && <Rows {...p} />}
      {b.kind === "sign" && <Check label={w("paper_sealed")} value={b.seal} onChange={(v) => set({ seal: v })} />}
      {(b.kind === "seal" || b.seal) && <Text label={w("paper_purpose")} hint={w("paper_purpose_hint")} optional value={b.purpose} onChange={(purpose) => set({ purpose }, "purpose")} />}
      {b.kind === "image" && <Picture {...p} />}
      {placeable(b.kind) && <Check label={w("paper_placed")} value={placed(b)} onChange={(on) => set(on ? { x: 20, y: 20 } : { x: undefined, y: undefined })} />}
      <Box block={b} onChange={set} />
      {withType.includes(b.kind) && (
        <>
          <div class="d-two">
            <Num label={w("paper_size")} hint={w("paper_size_hint", { n: sizeOf({ ...b, size: 0 }) })} optional value={b.size} onChange={(size) => set({ size }, "size")} />
            {aligned.includes(b.kind) && (
              <Select label={w("paper_align")} value={b.align ?? ""} empty={w("paper_align_none")} options={["left", "center", "right"].map((v) => ({ value: v, label: w("paper_align_" + v) }))} onChange={(align) => set({ align: align || undefined })} />
            )}
          </div>
          <Check label={w("paper_bold")} value={b.bold} onChange={(bold) => set({ bold })} />
        </>
      )}
      {(withType.includes(b.kind) || b.kind === "frame" || b.kind === "rule") && (
        <Select label={w("paper_color")} value={b.color ?? ""} empty={w("paper_color_none")} options={[...new Set([...colours, ...(b.color ? [b.color] : [])])].map((v) => ({ value: v, label: colours.includes(v) ? w("paper_color_" + v.slice(1)) : v }))} onChange={(color) => set({ color: color || undefined })} />
      )}
      <Select label={w("paper_if")} value={b.if ?? ""} empty={w("paper_if_always")} options={p.names.map((n) => ({ value: n.value, label: w("paper_if_has", { name: n.label || n.value }) }))} onChange={(v) => set({ if: v || undefined })} />
    </div>
  );
}

/** Box asks for place and measures in millimetres. */
function Box({ block: b, onChange }: { block: Block; onChange: (more: Partial<Block>, tag: string) => void }) {
  const num = (key: "x" | "y" | "w" | "h", label: string) => <Num label={w("paper_" + label)} value={b[key]} name={key} onChange={(v) => onChange({ [key]: v }, key)} />;
  if (!placed(b)) {
    if (b.kind === "spacer") return num("h", "height");
    if (b.kind === "qr" || b.kind === "image") return num("w", "side");
    if (b.kind === "seal" || b.seal) return num("w", "diameter");
    return null;
  }
  return (
    <fieldset class="field">
      <legend class="label">{w("paper_box")}</legend>
      <div class="d-two">
        {num("x", "x")}
        {num("y", "y")}
        {num("w", b.kind === "seal" ? "diameter" : b.kind === "qr" ? "side" : "width")}
        {b.kind !== "seal" && b.kind !== "qr" && num("h", b.kind === "rule" ? "thick" : "height")}
      </div>
    </fieldset>
  );
}

/** Rows asks for the cells of a table or of pairs. */
function Rows({ block: b, codec, onChange }: Props) {
  const last = useRef<{ box: HTMLInputElement; r: number; c: number } | undefined>(undefined);
  const rows = b.rows ?? [];
  const width = Math.max(2, ...rows.map((r) => r.length));
  const put = (next: string[][], tag = "") => onChange({ ...b, rows: next }, tag);
  const cell = (r: number, c: number, text: string) => put(rows.map((row, i) => (i === r ? Array.from({ length: Math.max(row.length, c + 1) }, (_, j) => (j === c ? codec.store(text) : (row[j] ?? ""))) : row)), `cell${r}.${c}`);
  return (
    <fieldset class="field">
      <legend class="label">{w("paper_rows_" + b.kind)}</legend>
      {rows.map((row, r) => (
        <div class="p-cells">
          {Array.from({ length: width }, (_, c) => (
            <input
              type="text"
              aria-label={w("paper_cell", { row: r + 1, column: c + 1 })}
              value={codec.show(row[c] ?? "")}
              autocomplete="off"
              onFocus={(e) => (last.current = { box: e.currentTarget, r, c })}
              onInput={(e) => cell(r, c, e.currentTarget.value)}
            />
          ))}
          <Act label={w("paper_row_drop")} of={String(r + 1)} on={() => put(rows.filter((_, i) => i !== r))} />
        </div>
      ))}
      <Inserter of={w("paper_cell_last")} codec={codec} into={() => last.current?.box ?? null} onInsert={(text) => last.current && cell(last.current.r, last.current.c, text)} />
      <div class="actions">
        <Act label={w("paper_row_add")} name="add-row" on={() => put([...rows, Array.from({ length: width }, () => "")])} />
        <Act label={w("paper_column_add")} off={width >= 8} on={() => put(rows.map((r) => [...r, ...Array.from({ length: width + 1 - r.length }, () => "")]))} />
        <Act label={w("paper_column_drop")} off={width <= 2} on={() => onChange({ ...b, rows: rows.map((r) => r.slice(0, width - 1)), widths: b.widths?.slice(0, width - 1) })} />
      </div>
      <Text
        label={w("paper_widths")}
        hint={w("paper_widths_hint")}
        optional
        value={(b.widths ?? []).join(":")}
        onChange={(s) => {
          const t = s.trim().replace(/：/g, ":");
          if (t === "") onChange({ ...b, widths: undefined }, "widths");
          else if (/^[1-9]\d*(\.\d+)?(:[1-9]\d*(\.\d+)?)*$/.test(t)) onChange({ ...b, widths: t.split(":").map(Number) }, "widths");
        }}
      />
    </fieldset>
  );
}

/** Picture takes a JPEG or PNG file into the block. */
function Picture({ block: b, onChange }: Props) {
  const take = async (file: File | undefined, box: HTMLInputElement) => {
    const fits = file && file.size <= pictureMost;
    box.setCustomValidity(fits ? "" : w("paper_picture_large"));
    if (!fits) return void box.reportValidity();
    const bytes = new Uint8Array(await file.arrayBuffer());
    let s = "";
    for (const x of bytes) s += String.fromCharCode(x);
    onChange({ ...b, image: btoa(s) });
  };
  return (
    <label class="field">
      <span class="label">{w("paper_picture")}</span>
      <span class="hint">{w("paper_picture_hint")}</span>
      <input type="file" accept="image/png,image/jpeg" onChange={(e) => void take(e.currentTarget.files?.[0], e.currentTarget)} />
    </label>
  );
}
